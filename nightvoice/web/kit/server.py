"""Opens a port and serves an application until it is stopped."""

import socket
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

from starlette.applications import Starlette
from uvicorn import Config

from nightvoice.errors import NightvoiceError, reason
from nightvoice.web.kit.bounded_log import log_to_stderr
from nightvoice.web.kit.connections import BACKLOG, BoundedConnection, BoundedServer

SHUTDOWN_S = 2
"""Seconds to wait for open streams to end before closing them."""


def is_loopback(host: str, port: int) -> bool:
    """Return whether ``host`` is reachable from this machine only. Raises NightvoiceError."""
    return ip_address(_resolve(host, port)[1][0]).is_loopback


def serve_app(build: Callable[[bool], Starlette], host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve on ``host`` and ``port`` (0: any free port) until SIGINT or SIGTERM. Raises NightvoiceError.

    ``build`` is called with whether only this machine can reach the page, ``on_ready`` with the page's address.
    """
    family, address = _resolve(host, port)
    loopback, unspecified = ip_address(address[0]).is_loopback, ip_address(address[0]).is_unspecified
    with _listen(family, address) as listener:
        shown = "localhost" if loopback else socket.gethostname() if unspecified else host
        shown = f"[{shown}]" if ":" in shown else shown
        log_to_stderr()
        server = make_server(build(loopback))
        on_ready(f"http://{shown}:{listener.getsockname()[1]}/")
        server.run(sockets=[listener])


def make_server(app: Starlette) -> BoundedServer:
    """Return a server of ``app``, which no client can hold up."""
    config = Config(
        app,
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return BoundedServer(config)


def valid_proxies(addresses: Iterable[str]) -> list[str]:
    """Return ``addresses``, each an IP address or a network such as 10.0.0.0/24. Raises NightvoiceError."""
    found = list(addresses)
    for address in found:
        try:
            ip_network(address)
        except ValueError:
            raise NightvoiceError(f"--proxy {address}: is no IP address; name that of the reverse proxy") from None
    return found


def _resolve(host: str, port: int) -> tuple[int, Any]:
    """Return the address family and the socket address to listen on. Raises NightvoiceError."""
    if not 0 <= port <= 65535:
        raise NightvoiceError(f"--port {port}: should be from 0 to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError):
        raise NightvoiceError(f"--host {host}: is no address of this machine; use 127.0.0.1 or 0.0.0.0") from None
    return family, address


def _listen(family: int, address: Any) -> socket.socket:
    # asyncio sets TCP_NODELAY only if the protocol is given; without it, small responses are delayed.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        raise NightvoiceError(f"{address[0]} port {address[1]}: {reason(error)}; try another with --port") from None
    return listener

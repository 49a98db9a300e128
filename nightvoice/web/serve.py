"""Opens the port and serves the page until it is told to stop."""

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette

from nightvoice.errors import NightvoiceError, reason
from nightvoice.system.extras import require_extra
from nightvoice.web.app import make_app
from nightvoice.web.context import Context
from nightvoice.web.kit.host_check import AllowedHosts

GOODBYE_S = 2
"""How long open streams are waited for at the end."""


def serve(context: Context, host: str, port: int, names: Iterable[str], ready: Callable[[str], None]) -> None:
    """Serve on ``host`` and ``port`` (0: any free one); ``ready`` is told the page's address.

    ``names``: by which it may be asked for, beside those of this machine. Raises NightvoiceError, also where the page
    would be open to others without a password.
    """
    if not is_local(host, port) and not context.access.has_password:
        raise NightvoiceError(f"--host {host}: others could read the diary; nightvoice web --set-password first")
    Thread(target=_warm_up, args=[context], daemon=True).start()
    serve_app(lambda inside: make_app(context, AllowedHosts(inside, names)), host, port, ready)


def is_local(host: str, port: int) -> bool:
    """Only this machine itself can get there. Raises NightvoiceError."""
    return ip_address(_resolved(host, port)[1][0]).is_loopback


def serve_app(make: Callable[[bool], Starlette], host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve what ``make`` gives, which is told whether only this machine can get there. Raises NightvoiceError."""
    family, address = _resolved(host, port)
    inside, everywhere = ip_address(address[0]).is_loopback, ip_address(address[0]).is_unspecified
    with _listening(family, address) as door:
        shown = "localhost" if inside else socket.gethostname() if everywhere else host
        shown = f"[{shown}]" if ":" in shown else shown
        config = uvicorn.Config(
            make(inside),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GOODBYE_S,
        )
        ready(f"http://{shown}:{door.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[door])


def _resolved(host: str, port: int) -> tuple[int, Any]:
    """Family and address to listen on. Raises NightvoiceError."""
    if not 0 <= port <= 65535:
        raise NightvoiceError(f"--port {port}: should be from 0 to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError):
        raise NightvoiceError(f"--host {host}: is no address of this machine; use 127.0.0.1 or 0.0.0.0") from None
    return family, address


def _listening(family: int, address: Any) -> socket.socket:
    # With the protocol named, asyncio sends small answers at once (no delay for lack of an acknowledgement).
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen()
    except OSError as error:
        door.close()
        raise NightvoiceError(f"{address[0]} port {address[1]}: {reason(error)}; try another with --port") from None
    return door


def _warm_up(context: Context) -> None:
    """Read years of nights and load what patterns need, so that the first look at them need not wait."""
    with suppress(NightvoiceError):
        period = context.diary.period()
        if period:
            context.past.nights(*period)
        with require_extra("patterns"):
            import nightvoice.insight.patterns  # noqa: F401, PLC0415

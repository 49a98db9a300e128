"""Checks the Host header of every request, and sets the security headers of every response."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


_OVER_TLS: Final = {"Strict-Transport-Security": "max-age=31536000"}
_REFUSAL: Final = "This page is not known by that name: use its address, or start it with --name and this name.\n"


class AllowedHosts:
    """Host names under which browsers may open the page, as a defence against DNS rebinding.

    A malicious site that points its name at this machine sends that name in the Host header. IP addresses cannot be
    rebound, and nobody can register the names of this machine or the home network on the internet.
    """

    def __init__(self, loopback_only: bool, extra: Iterable[str] = ()) -> None:
        self._loopback_only = loopback_only
        own = () if loopback_only else (socket.gethostname(), f"{socket.gethostname()}.local")
        self._names = {"localhost", *(name.lower().removesuffix(".") for name in (*own, *extra))}

    def allows(self, host: str) -> bool:
        """Return whether a Host header, with or without a port, is allowed."""
        name = host.lower()
        name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0].removesuffix(".")
        if name in self._names:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._loopback_only


class HostCheck:
    """Middleware that refuses requests for other hosts and adds the security headers."""

    def __init__(self, app: ASGIApp, allowed_hosts: AllowedHosts) -> None:
        self._app, self._allowed_hosts = app, allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                over_tls = scope["scheme"] == "https"
                for name, value in (_HEADERS | (_OVER_TLS if over_tls else {})).items():
                    headers.setdefault(name, value)
                if over_tls and "set-cookie" in headers:
                    headers["set-cookie"] += "; secure"
            await send(message)

        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or not self._allowed_hosts.allows(hosts[0]):
            refusal = PlainTextResponse(_REFUSAL, 421)
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

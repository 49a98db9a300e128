"""Builds an application from its routes, with sessions, host check, static files and a 404 page."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from nightvoice.web.kit.access import SESSION_S
from nightvoice.web.kit.host_check import AllowedHosts, HostCheck
from nightvoice.web.kit.render import STATIC, AppContext, render


class _StaticFiles(StaticFiles):
    """Static files that browsers may cache forever, since their URLs change with their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def build_application(
    routes: Sequence[Route], context: AppContext, allowed_hosts: AllowedHosts, proxies: Sequence[str] = ()
) -> Starlette:
    """Return an application of ``routes``, which answers requests for ``allowed_hosts`` only.

    ``proxies``: addresses of reverse proxies that are believed about the client's address and about TLS.
    """
    proxied = Middleware(ProxyHeadersMiddleware, trusted_hosts=list(proxies))
    sessions = Middleware(
        SessionMiddleware,
        secret_key=context.access.key,
        session_cookie="nightvoice",
        max_age=SESSION_S,
        same_site="strict",
    )
    app = Starlette(
        routes=[*routes, Mount("/static", _StaticFiles(directory=STATIC))],
        middleware=[proxied, Middleware(HostCheck, allowed_hosts=allowed_hosts), sessions],
        exception_handlers={HTTPException: _show_missing},
    )
    app.state.context = context
    return app


def _show_missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return render(request, "problem.html", status, problem="missing")

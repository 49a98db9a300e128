"""Renders the templates of an application with the values that every page needs."""

import secrets
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nightvoice.content.vocabulary import SITE_NAMES
from nightvoice.web.kit.formatting import FILTERS

STATIC: Final = Path(__file__).parent / "static"
TEMPLATES: Final = Path(__file__).parent / "templates"


class Authenticator(Protocol):
    """Keeps the open sessions of an application."""

    @property
    def key(self) -> str:
        """Key that signs the cookies."""

    @property
    def has_password(self) -> bool:
        """Whether people log in with a password."""

    @property
    def needs_login(self) -> bool:
        """Whether a login is needed."""

    def has_session(self, token: Any) -> bool:
        """Return whether ``token`` belongs to a session that has not ended."""

    def close_session(self, token: str) -> None:
        """End the session of ``token``, if there is one."""


class AppContext(Protocol):
    """Context that the kit requires of an application, kept in ``app.state.context``."""

    @property
    def access(self) -> Authenticator:
        """Authenticator for this application."""

    @property
    def templates(self) -> Path:
        """Folder of the application's templates, which take precedence over the kit's.

        It must have ``login.html``, ``problem.html`` and ``resubmit.html``.
        """


def app_context(request: Request) -> AppContext:
    """Return the context of the application that serves ``request``."""
    context: AppContext = request.app.state.context
    return context


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a response that shows ``template`` with ``values``."""
    context = app_context(request)
    page = _environment(context.templates).get_template(template)
    notice = request.session.pop("said", None)
    return HTMLResponse(
        page.render(
            path=request.url.path,
            csrf=csrf_token(request),
            notice=notice,
            has_password=context.access.has_password,
            **values,
        ),
        status,
    )


def redirect_with_notice(request: Request, url: str, notice: str) -> Response:
    """Redirect to ``url``, which shows ``notice``: ``saved``, ``deleted`` or ``out`` (see base.html)."""
    request.session["said"] = notice
    return RedirectResponse(url, 303)


def csrf_token(request: Request) -> str:
    """Return the session's CSRF token, which every form must carry."""
    token: str = request.session.get("csrf") or secrets.token_urlsafe(24)
    if "csrf" not in request.session:
        request.session["csrf"] = token
    return token


@cache
def _environment(templates: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([templates, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = _static_url
    environment.globals["site_names"] = SITE_NAMES
    environment.filters.update(FILTERS)
    return environment


@cache
def _static_url(name: str) -> str:
    """Return the URL of a file in ``static/``. It changes with the content, so browsers may cache it forever."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"

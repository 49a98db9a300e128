"""What every page needs, and how a page becomes a response."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nightvoice.config.reader import load_config
from nightvoice.config.schema import Config
from nightvoice.content.loader import load_pack
from nightvoice.content.pages import load_pages
from nightvoice.content.schema import Pack
from nightvoice.diary.store import Diary
from nightvoice.web import words
from nightvoice.web.kit.access import Access
from nightvoice.web.kit.throttle import Throttle
from nightvoice.web.night_cache import NightCache

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
TEMPLATES: Final = HERE / "templates"
_NOT_ASKED: Final = frozenset({"weekend", "since_stretches"})
"""What the diary knows by itself."""


def _local_now() -> datetime:
    return datetime.now().astimezone()


class Authenticator(Protocol):
    """Who is let in."""

    @property
    def has_password(self) -> bool: ...

    def is_open(self, token: Any) -> bool: ...


class Common(Protocol):
    """What the pages of any application of ours need."""

    @property
    def access(self) -> Authenticator: ...

    @property
    def templates(self) -> tuple[Path, ...]: ...


@dataclass(slots=True)
class Context:
    """What the pages share."""

    diary: Diary
    access: Access
    throttle: Throttle = field(default_factory=Throttle)
    now: Callable[[], datetime] = _local_now
    """The person's clock, aware."""
    past: NightCache = field(init=False)
    """Nights of the diary, where many are needed at once."""

    def __post_init__(self) -> None:
        self.past = NightCache(self.diary, self.now)

    @property
    def templates(self) -> tuple[Path, ...]:
        return (TEMPLATES,)

    @property
    def config(self) -> Config:
        """Read anew each time: somebody may just have changed it. Raises NightvoiceError."""
        return load_config()

    @property
    def pack(self) -> Pack:
        return load_pack(self.config.language)

    @property
    def tags(self) -> dict[str, str]:
        """What is asked of the day before, and how it is called."""
        factors = load_pages(self.config.language).patterns.factors
        return {name: factor.label for name, factor in factors.items() if name not in _NOT_ASKED}


def of(request: Request) -> Context:
    """The context of the application that serves ``request``."""
    context: Context = request.app.state.context
    return context


def common(request: Request) -> Common:
    """What whichever application serves ``request`` has for all its pages."""
    context: Common = request.app.state.context
    return context


def show(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page that ``template`` makes of ``values``."""
    page = _environment(common(request).templates).get_template(template)
    said = request.session.pop("said", None)
    return HTMLResponse(
        page.render(
            path=request.url.path,
            csrf=token(request),
            said=said,
            has_password=common(request).access.has_password,
            **values,
        ),
        status,
    )


def saved(request: Request, url: str, said: str) -> Response:
    """Go on to ``url`` and say there what was done; ``said`` is a key of words.html."""
    request.session["said"] = said
    return RedirectResponse(url, 303)


def token(request: Request) -> str:
    """What each form of this browser carries, so that no other site can fill it in."""
    found: str = request.session.get("csrf") or secrets.token_urlsafe(24)
    if "csrf" not in request.session:
        request.session["csrf"] = found
    return found


@cache
def _environment(templates: tuple[Path, ...]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = _static
    environment.filters.update(words.FILTERS)
    return environment


@cache
def _static(name: str) -> str:
    """The address of a file of ``static/``: another one whenever the file changes, so that it may be kept for ever."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"

"""The application: which address is which page."""

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from nightvoice.web.context import STATIC, Common, Context, show
from nightvoice.web.endpoints import Endpoint, Page, Save, page, saving
from nightvoice.web.kit.access import SESSION_S
from nightvoice.web.kit.host_check import AllowedHosts, HostCheck
from nightvoice.web.pages import episode, evening, login, more, night, nights, patterns, report, settings, trends
from nightvoice.web.pages.live import Live

_PAGES: Final[tuple[tuple[str, Page, Save | None], ...]] = (
    ("/", night.last, None),
    ("/nights", nights.calendar, None),
    ("/nights/{night}", night.night, night.save_day),
    ("/episodes/{id:int}", episode.edit, episode.save),
    ("/episodes/{id:int}/delete", episode.ask, episode.delete),
    ("/trends", trends.trends, None),
    ("/evening", evening.evening, evening.save),
    ("/patterns", patterns.patterns, None),
    ("/report", report.report, None),
    ("/report/page", report.as_page, None),
    ("/report/pdf", report.as_pdf, None),
    ("/more", more.more, None),
    ("/why/{claim}", more.why, None),
    ("/profile", settings.about_you, settings.save_about_you),
    ("/settings", settings.settings, settings.save_settings),
)


class _Assets(StaticFiles):
    """Their addresses change with what is in them."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def make_app(context: Context, names: AllowedHosts) -> Starlette:
    """The page over ``context``, for whoever asks for it by one of ``names``."""
    routes: list[Route] = []
    for path, make, save in _PAGES:
        routes.append(Route(path, page(make), methods=["GET"]))
        if save:
            routes.append(posted(path, saving(save)))
    routes += [
        posted("/episodes/{id:int}/rating", saving(night.rate)),
        Route("/login", page(login.ask, to_all=True), methods=["GET"]),
        posted("/login", saving(login.log_in, to_all=True)),
        posted("/logout", saving(login.log_out)),
        Route("/live", Live().__call__, methods=["GET"]),
    ]
    return assemble(routes, context, context.access.key, names)


def assemble(routes: Sequence[Route], context: Common, key: str, names: AllowedHosts) -> Starlette:
    """An application of these pages, with what all of them need; ``key`` signs its cookies."""
    cookies = Middleware(
        SessionMiddleware,
        secret_key=key,
        session_cookie="nightvoice",
        max_age=SESSION_S,
        same_site="strict",
    )
    app = Starlette(
        routes=[*routes, Mount("/static", _Assets(directory=STATIC))],
        middleware=[Middleware(HostCheck, names=names), cookies],
        exception_handlers={HTTPException: _missing},
    )
    app.state.context = context
    return app


def posted(path: str, endpoint: Endpoint) -> Route:
    """Where a form is sent to."""
    return Route(path, endpoint, methods=["POST"])


def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return show(request, "problem.html", status, problem="missing")

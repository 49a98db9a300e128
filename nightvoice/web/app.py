"""Routes of the page of one bed."""

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request

from nightvoice.web.context import Context, context_of
from nightvoice.web.kit.application import build_application
from nightvoice.web.kit.endpoints import FormHandler, PageHandler, form_route, page_route
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.live import LiveUpdates
from nightvoice.web.kit.login import Login
from nightvoice.web.pages import (
    add,
    episode,
    evening,
    first_day,
    more,
    night,
    nights,
    patterns,
    report,
    settings,
    trends,
    why,
)

POLL_S: Final = 1.0
"""How often the diary is checked for new events while a page is open."""
_PAGES: Final[dict[str, PageHandler]] = {
    "/": first_day.show_home,
    "/nights": nights.show_calendar,
    "/nights/{night}": night.show_night,
    "/episodes/{id:int}": episode.show_episode,
    "/episodes/{id:int}/delete": episode.confirm_deletion,
    "/add": add.show_form,
    "/trends": trends.show_trends,
    "/evening": evening.show_evening,
    "/patterns": patterns.show_patterns,
    "/report": report.show_choice,
    "/report/page": report.show_report,
    "/report/pdf": report.download_pdf,
    "/more": more.show_menu,
    "/microphone": first_day.show_microphone,
    "/why/{claim}": why.show_claim,
    "/profile": settings.show_profile,
    "/settings": settings.show_settings,
    "/sound": settings.show_sound,
}
_FORMS: Final[dict[str, FormHandler]] = {
    "/nights/{night}": night.save_day,
    "/episodes/{id:int}": episode.save_episode,
    "/episodes/{id:int}/delete": episode.delete_episode,
    "/episodes/{id:int}/rating": night.save_rating,
    "/add": add.add_cramp,
    "/evening": evening.save_evening,
    "/microphone": first_day.try_microphone,
    "/profile": settings.save_profile,
    "/settings": settings.save_settings,
    "/sound": settings.save_sound,
}


def make_app(context: Context, allowed_hosts: AllowedHosts, proxies: Sequence[str] = ()) -> Starlette:
    """Return the application for ``context``, which answers requests for ``allowed_hosts`` only.

    ``proxies``: see ``build_application``.
    """
    routes = [
        *(page_route(path, handler) for path, handler in _PAGES.items()),
        *(form_route(path, handler) for path, handler in _FORMS.items()),
        *Login(_authenticate, admit=_admit).routes(),
        LiveUpdates(_newest_event, POLL_S).route(),
        first_day.level_route(),
    ]
    return build_application(routes, context, allowed_hosts, proxies)


def _authenticate(request: Request, form: FormFields) -> str | None:
    access, given = context_of(request).access, form.get("password", "")
    return access.open_session() if access.knows_secret(given) or access.verify(given) else None


def _admit(request: Request, secret: str) -> str | None:
    access = context_of(request).access
    return access.open_session() if access.knows_secret(secret) else None


def _newest_event(request: Request) -> int:
    return context_of(request).diary.last_seq()

"""Routes of the ward page, and the roles allowed to use each."""

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nightvoice.hub import pages
from nightvoice.hub.context import WardContext, account_of, context_of
from nightvoice.hub.roles import Role
from nightvoice.web.kit.application import build_application
from nightvoice.web.kit.endpoints import FormHandler, PageHandler, form_route, page_route
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.live import LiveUpdates
from nightvoice.web.kit.login import Login
from nightvoice.web.kit.render import render

POLL_S: Final = 0.1
"""How often the live state is checked for changes while a page is open."""
_HOME: Final = {Role.WARD: "/", Role.STUDY: "/study", Role.ADMIN: "/"}
"""First page of each role."""
_CAN_SEE_WARD: Final = frozenset({Role.WARD, Role.ADMIN})
_STUDY: Final = frozenset({Role.STUDY})
_ADMIN: Final = frozenset({Role.ADMIN})


def make_app(context: WardContext, allowed_hosts: AllowedHosts, proxies: Sequence[str] = ()) -> Starlette:
    """Return the application for ``context``, which answers requests for ``allowed_hosts`` only.

    ``proxies``: see ``build_application``.
    """
    routes = [
        page_route("/", _page_for(_CAN_SEE_WARD, pages.show_ward)),
        page_route("/study", _page_for(_STUDY, pages.show_study)),
        page_route("/study/export", _page_for(_STUDY, pages.download_export)),
        page_route("/people", _page_for(_ADMIN, pages.show_accounts)),
        form_route("/people", _form_for(_ADMIN, pages.add_account)),
        form_route("/people/remove", _form_for(_ADMIN, pages.remove_account)),
        form_route("/people/retain", _form_for(_ADMIN, pages.set_retention)),
        *Login(_authenticate, home=_home, account=_account_name).routes(),
        LiveUpdates(_version, POLL_S).route(),
    ]
    return build_application(routes, context, allowed_hosts, proxies)


def _authenticate(request: Request, form: FormFields) -> str | None:
    return context_of(request).access.log_in(_account_name(form), form.get("password", ""))


def _account_name(form: FormFields) -> str:
    return form.get("name", "").strip()


def _home(request: Request) -> str:
    account = account_of(request)
    return "/" if account is None else _HOME[account.role]


def _version(request: Request) -> int:
    context = context_of(request)
    return context.live_state.version(context.now())


def _page_for(roles: frozenset[Role], handler: PageHandler) -> PageHandler:
    """Limit a page to ``roles``. Other roles are redirected from the first page to their own."""

    def limited(request: Request) -> Response:
        account = account_of(request)
        if account is not None and account.role in roles:
            return handler(request)
        if account is not None and request.url.path == "/":
            return RedirectResponse(_HOME[account.role], 303)
        return render(request, "problem.html", 403, problem="role")

    return limited


def _form_for(roles: frozenset[Role], handler: FormHandler) -> FormHandler:
    """Limit a form to ``roles``."""

    def limited(request: Request, form: FormFields) -> Response:
        account = account_of(request)
        allowed = account is not None and account.role in roles
        return handler(request, form) if allowed else render(request, "problem.html", 403, problem="role")

    return limited

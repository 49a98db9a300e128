"""Login and logout, with a throttle against password guessing."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from nightvoice.web.kit.endpoints import form_route, is_logged_in, page_route
from nightvoice.web.kit.forms import FormFields, offer_resubmission
from nightvoice.web.kit.render import app_context, redirect_with_notice, render
from nightvoice.web.kit.throttle import Throttle


def _root(_: Request) -> str:
    return "/"


@dataclass(frozen=True, slots=True)
class Login:
    """Login and logout of one application. A form submitted after the session ended survives the login."""

    authenticate: Callable[[Request, FormFields], str | None]
    """Check the name and password in a login form and return the token of a new session, or None if wrong."""
    admit: Callable[[Request, str], str | None] = lambda request, secret: None
    """Check the secret in the printed address and return the token of a new session, or None if wrong."""
    home: Callable[[Request], str] = _root
    """Return the URL of the first page after a login."""
    account: Callable[[FormFields], str] = lambda form: ""
    """Return the account that a login form names; "" where there is only one."""
    throttle: Throttle = field(default_factory=Throttle)

    def routes(self) -> list[Route]:
        return [
            page_route("/login", self._ask, public=True),
            form_route("/login", self._log_in, public=True),
            form_route("/logout", self._log_out),
        ]

    def _ask(self, request: Request) -> Response:
        if is_logged_in(request):
            return RedirectResponse(self.home(request), 303)
        token = self.admit(request, request.query_params.get("secret", ""))
        if token is not None:
            request.session.clear()
            request.session["token"] = token
            return RedirectResponse(self.home(request), 303)
        return _login_page(request, request.session.get("next", "/"), {}, 200)

    def _log_in(self, request: Request, form: FormFields) -> Response:
        """After a correct password, redirect to the requested page or offer to resubmit the form."""
        address = request.client.host if request.client else ""
        target, typed = _local(form.get("target", "/")), _parse_typed(form.get("typed", ""))
        account = self.account(form)
        wait_s = ceil(self.throttle.begin(address, account))
        if wait_s:
            return _login_page(request, target, typed, 429, "wait", wait_s)
        token = self.authenticate(request, form)
        if token is None:
            return _login_page(request, target, typed, 401, "wrong")
        self.throttle.succeed(address, account)
        # Invalidate the session from before the login.
        request.session.clear()
        request.session["token"] = token
        if typed:
            return offer_resubmission(request, typed, "back", target=target)
        return RedirectResponse(self.home(request) if target == "/" else target, 303)

    def _log_out(self, request: Request, _: FormFields) -> Response:
        """End this browser's session."""
        app_context(request).access.close_session(request.session.get("token", ""))
        request.session.clear()
        return redirect_with_notice(request, "/login", "out")


def _login_page(
    request: Request, target: str, typed: FormFields, status: int, problem: str | None = None, wait_s: int = 0
) -> Response:
    answer = render(request, "login.html", status, typed=typed, target=_local(target), problem=problem, wait=wait_s)
    if wait_s:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


def _local(target: str) -> str:
    """Return ``target`` if it is a path of this site, otherwise the first page."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def _parse_typed(text: str) -> FormFields:
    """Parse the form submitted before the login, which the login form carries as text."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

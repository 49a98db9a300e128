"""Logging in and out, where the page has a password."""

import json
from math import ceil

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nightvoice.web.context import of, saved, show
from nightvoice.web.endpoints import may_see
from nightvoice.web.kit.forms import Typed, again


def ask(request: Request) -> Response:
    """``/login``"""
    if may_see(request):
        return RedirectResponse("/", 303)
    return _ask(request, request.session.get("next", "/"), {}, 200)


def log_in(request: Request, typed: Typed) -> Response:
    """With the right password, go on to where one was going, with what one had typed there."""
    context = of(request)
    address = request.client.host if request.client else ""
    target, kept = _local(typed.get("target", "/")), _kept(typed.get("typed", ""))
    wait = ceil(context.throttle.wait(address))
    if wait:
        return _ask(request, target, kept, 429, "wait", wait)
    if not context.access.is_right(typed.get("password", "")):
        context.throttle.wrong(address)
        return _ask(request, target, kept, 401, "wrong")
    context.throttle.right(address)
    # A new session: nothing of the time before the login stays valid.
    request.session.clear()
    request.session["token"] = context.access.open_session()
    return again(request, kept, "back", target=target) if kept else RedirectResponse(target, 303)


def log_out(request: Request, typed: Typed) -> Response:
    """End this browser's session."""
    of(request).access.close_session(request.session.get("token", ""))
    request.session.clear()
    return saved(request, "/login", "out")


def _ask(
    request: Request, target: str, typed: Typed, status: int, problem: str | None = None, wait: int = 0
) -> Response:
    answer = show(request, "login.html", status, typed=typed, target=_local(target), problem=problem, wait=wait)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _local(target: str) -> str:
    """``target`` if it is a page of ours, else the first one."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def _kept(text: str) -> dict[str, str]:
    """What was typed before the login, as the login's form carried it along."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

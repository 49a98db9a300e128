"""Turns page and form handlers into endpoints with login, CSRF check and error pages."""

import logging
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from nightvoice.errors import NightvoiceError
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.web.kit.forms import FormFields, offer_resubmission, read_form
from nightvoice.web.kit.render import app_context, csrf_token, render

PageHandler = Callable[[Request], Response]
FormHandler = Callable[[Request, FormFields], Response]
_Endpoint = Callable[[Request], Awaitable[Response]]

_LOG: Final = logging.getLogger("nightvoice.web")


def page_route(path: str, handler: PageHandler, public: bool = False) -> Route:
    """Return a route that shows a page, after a login unless ``public``."""
    return Route(path, _page_endpoint(handler, public), methods=["GET"])


def form_route(path: str, handler: FormHandler, public: bool = False) -> Route:
    """Return a route that handles a form. On failure, the form is shown again for resubmission."""
    return Route(path, _form_endpoint(handler, public), methods=["POST"])


def is_logged_in(request: Request) -> bool:
    """Return whether this browser is logged in or no login is needed."""
    access = app_context(request).access
    return not access.needs_login or access.has_session(request.session.get("token"))


def _page_endpoint(handler: PageHandler, public: bool) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        if not public and not is_logged_in(request):
            query = f"?{request.url.query}" if request.url.query else ""
            request.session["next"] = request.url.path + query
            return RedirectResponse("/login", 303)
        return await run_in_threadpool(_show_page, request, handler)

    return endpoint


def _form_endpoint(handler: FormHandler, public: bool) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            form = await read_form(request)
        except ClientDisconnect:
            return Response(status_code=400)  # which nobody receives
        if form is None:
            return render(request, "problem.html", 413, problem="long")
        return await run_in_threadpool(_handle_form, request, form, handler, public)

    return endpoint


def _show_page(request: Request, handler: PageHandler) -> Response:
    try:
        return handler(request)
    except HTTPException:
        raise
    except NightvoiceError as error:
        return render(request, "problem.html", _status(error), problem=str(error))
    except Exception:
        _LOG.exception("%s could not be shown", request.url.path)
        return render(request, "problem.html", 500, problem="fault")


def _handle_form(request: Request, form: dict[str, str], handler: FormHandler, public: bool) -> Response:
    token = form.pop("csrf", "")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return render(request, "problem.html", 403, problem="foreign")
    if not public and not is_logged_in(request):
        return render(request, "login.html", 401, typed=form, target=request.url.path, problem=None, wait=0)
    if not compare_digest(token.encode(), csrf_token(request).encode()):
        return offer_resubmission(request, _without_password(form), "old")
    try:
        return handler(request, form)
    except HTTPException:
        raise
    except NightvoiceError as error:
        return offer_resubmission(request, _without_password(form), str(error), _status(error))
    except Exception:
        _LOG.exception("%s could not be saved", request.url.path)
        return offer_resubmission(request, _without_password(form), "fault", 500)


def _without_password(form: FormFields) -> FormFields:
    """Return ``form`` without the password, which must never appear in a page."""
    return {name: value for name, value in form.items() if name != "password"}


def _status(error: NightvoiceError) -> int:
    return 503 if isinstance(error, StorageUnavailable) else 422

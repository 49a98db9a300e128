"""Round every page: who may see it, who may send a form to it, and one plain line where something is wrong."""

import logging
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nightvoice.errors import NightvoiceError
from nightvoice.storage.errors import StorageUnavailable
from nightvoice.web.context import common, show, token
from nightvoice.web.kit.forms import Typed, again, read_form

Page = Callable[[Request], Response]
Save = Callable[[Request, Typed], Response]
Endpoint = Callable[[Request], Awaitable[Response]]

_LOG: Final = logging.getLogger("nightvoice.web")


def page(make: Page, to_all: bool = False) -> Endpoint:
    """An endpoint that shows a page, to whoever may see it."""

    async def endpoint(request: Request) -> Response:
        if not to_all and not may_see(request):
            query = f"?{request.url.query}" if request.url.query else ""
            request.session["next"] = request.url.path + query
            return RedirectResponse("/login", 303)
        return await run_in_threadpool(_shown, request, make)

    return endpoint


def saving(save: Save, to_all: bool = False) -> Endpoint:
    """An endpoint that takes a form. What cannot be taken now is shown again, to be sent once more."""

    async def endpoint(request: Request) -> Response:
        typed = await read_form(request)
        if typed is None:
            return show(request, "problem.html", 413, problem="long")
        return await run_in_threadpool(_taken, request, typed, save, to_all)

    return endpoint


def may_see(request: Request) -> bool:
    """Whether this browser has logged in, or need not."""
    access = common(request).access
    return not access.has_password or access.is_open(request.session.get("token"))


def _shown(request: Request, make: Page) -> Response:
    try:
        return make(request)
    except HTTPException:
        raise
    except NightvoiceError as error:
        return show(request, "problem.html", _status(error), problem=str(error))
    except Exception:
        _LOG.exception("%s could not be shown", request.url.path)
        return show(request, "problem.html", 500, problem="fault")


def _taken(request: Request, typed: dict[str, str], save: Save, to_all: bool) -> Response:
    given = typed.pop("csrf", "")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return show(request, "problem.html", 403, problem="foreign")
    if not to_all and not may_see(request):
        return show(request, "login.html", 401, typed=typed, target=request.url.path, problem=None, wait=0)
    if not compare_digest(given.encode(), token(request).encode()):
        return again(request, _without_secrets(typed), "old")
    try:
        return save(request, typed)
    except HTTPException:
        raise
    except NightvoiceError as error:
        return again(request, _without_secrets(typed), str(error), _status(error))
    except Exception:
        _LOG.exception("%s could not be saved", request.url.path)
        return again(request, _without_secrets(typed), "fault", 500)


def _without_secrets(typed: Typed) -> Typed:
    """A password is never written into a page."""
    return {name: value for name, value in typed.items() if name != "password"}


def _status(error: NightvoiceError) -> int:
    return 503 if isinstance(error, StorageUnavailable) else 422

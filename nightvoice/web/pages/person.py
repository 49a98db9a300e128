"""About you, and the settings."""

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.web.context import show
from nightvoice.web.forms import Typed


def profile(request: Request) -> Response:
    return show(request, "more.html")


def save_profile(request: Request, typed: Typed) -> Response:
    return show(request, "more.html")


def settings(request: Request) -> Response:
    return show(request, "more.html")


def save_settings(request: Request, typed: Typed) -> Response:
    return show(request, "more.html")

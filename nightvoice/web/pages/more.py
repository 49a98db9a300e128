"""Menu of further pages."""

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.web.kit.render import render


def show_menu(request: Request) -> Response:
    """``/more``"""
    return render(request, "more.html")

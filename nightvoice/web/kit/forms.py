"""Reads submitted forms within limits, and offers to resubmit them."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.web.kit.render import render

MAX_FORM_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 200

FormFields = Mapping[str, str]
"""Fields of a submitted form by name; the last value if a name occurs several times."""


async def read_form(request: Request) -> dict[str, str] | None:
    """Return the submitted fields, or None if the form exceeds the limits."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return None
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    # Browsers send line ends as CRLF; PostgreSQL rejects NUL.
    return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in pairs}


def offer_resubmission(
    request: Request, form: FormFields, problem: str, status: int = 409, target: str | None = None
) -> Response:
    """Return a page that shows the typed text and offers to submit it again.

    ``problem``: a key of resubmit.html, or a sentence. ``target``: defaults to the URL of ``request``.
    """
    return render(request, "resubmit.html", status, typed=form, target=target or request.url.path, problem=problem)

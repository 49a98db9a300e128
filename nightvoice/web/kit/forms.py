"""What somebody typed: read within limits, and kept."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.web.context import show

LONGEST: Final = 64 * 1024
"""Bytes of a form."""
LONGEST_NOTE: Final = 4000
"""Letters of a note."""
_MOST_FIELDS: Final = 200

Typed = Mapping[str, str]
"""The fields of a form; of several with one name, the last."""


async def read_form(request: Request) -> dict[str, str] | None:
    """The fields; None where it is more than anybody types."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            return None
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    # Browsers send line ends as CRLF, and a NUL fits in no database.
    return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in pairs}


def again(request: Request, typed: Typed, problem: str, status: int = 409, target: str | None = None) -> Response:
    """The page that keeps what was typed and offers to send it once more, to ``target`` or where it was sent."""
    return show(request, "again.html", status, typed=typed, target=target or request.url.path, problem=problem)

"""Finds what somebody asks for in their own words: a step, an answer, or another way to do a step."""

import re
from collections.abc import Callable
from typing import Final

from nightvoice.content.requests import Requests

_MARKS: Final = re.compile(r"[^\w' ]+")


def request_finder(requests: Requests) -> Callable[[str], str | None]:
    """Return a function from words to the request in them, or None."""
    unless = re.compile(requests.unless)
    refused = re.compile(rf"(?<!\w){requests.refusal} ?$")
    barring = {name: re.compile(pattern) for name, pattern in requests.barring.items()}

    def find(text: str) -> str | None:
        plain = " ".join(_MARKS.sub(" ", text.lower().replace("’", "'").replace("-", " ")).split())
        if unless.search(plain):
            return None
        for name, pattern in requests.compiled:
            if name in barring and barring[name].search(plain):
                continue
            for match in pattern.finditer(plain):
                if name not in requests.refusable or not refused.search(plain[: match.start()]):
                    return name
        return None

    return find

"""The evidence behind a health claim: what is said, why, and the sources with their addresses."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.content.claim_index import clinical_sentences, without_placeholders
from nightvoice.web.context import context_of
from nightvoice.web.kit.render import render

MAX_SENTENCES: Final = 3
"""Most sentences shown as examples of what rests on a claim."""
_CITATION: Final = re.compile(r"\[([^\]]+)\]")


class CitedText(NamedTuple):
    """A piece of text, followed by the numbers of its sources."""

    text: str
    numbers: tuple[int, ...]


class NumberedSource(NamedTuple):
    """A source in the list below the text."""

    title: str
    link: str | None


def show_claim(request: Request) -> Response:
    """``/why/CLAIM``"""
    context = context_of(request)
    pack = context.pack
    ledger = pack.ledger
    name = request.path_params["claim"]
    if name not in ledger.claims:
        raise HTTPException(404)
    claim = ledger.claims[name]
    calls = pack.phrases.routes.placeholders(context.config.safety.help_numbers)
    said = (text for sentence in clinical_sentences(pack) if sentence.claim == name for text in sentence.texts)
    return render(
        request,
        "why.html",
        claim=claim,
        verdict=ledger.verdicts[claim.verdict],
        grade=ledger.grades[claim.grade],
        reason=cited(claim.reason, claim.sources),
        sources=[NumberedSource(ledger.sources[key], ledger.links.get(key)) for key in claim.sources],
        said=list(dict.fromkeys(without_placeholders(text, calls) for text in said))[:MAX_SENTENCES],
        language=pack.language,
        back=_came_from(request),
    )


def cited(text: str, sources: Sequence[str]) -> list[CitedText]:
    """Split ``text`` at its citations, such as ``[1,20]``, and number them as the positions in ``sources``."""
    pieces: list[CitedText] = []
    end = 0
    for citation in _CITATION.finditer(text):
        keys = [key.strip() for key in citation[1].split(",")]
        numbers = tuple(sources.index(key) + 1 for key in keys if key in sources)
        pieces.append(CitedText(text[end : citation.start()].rstrip(), numbers))
        end = citation.end()
    rest = text[end:].replace("†", "").rstrip()
    return [*pieces, CitedText(rest, ())] if rest else pieces


def _came_from(request: Request) -> str:
    """Return the page of this site that led here, else that of the last night."""
    referrer = urlsplit(request.headers.get("referer", ""))
    if referrer.netloc != request.headers.get("host") or not re.match(r"/(?!/|why/)", referrer.path):
        return "/"
    return f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path

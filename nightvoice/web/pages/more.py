"""What else there is, and what a sentence about health rests on."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.web.context import of, show


def more(request: Request) -> Response:
    """``/more``"""
    return show(request, "more.html")


def why(request: Request) -> Response:
    """``/why/CLAIM``"""
    ledger = of(request).pack.ledger
    name = request.path_params["claim"]
    if name not in ledger.claims:
        raise HTTPException(404)
    claim = ledger.claims[name]
    sources = [ledger.sources[key] for key in claim.sources]
    return show(request, "why.html", name=name, claim=claim, grade=ledger.grades[claim.grade], sources=sources)

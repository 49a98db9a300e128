"""Menu of further pages, and the evidence behind a health claim."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.web.context import context_of
from nightvoice.web.kit.render import render


def show_menu(request: Request) -> Response:
    """``/more``"""
    return render(request, "more.html")


def show_claim(request: Request) -> Response:
    """``/why/CLAIM``"""
    ledger = context_of(request).pack.ledger
    name = request.path_params["claim"]
    if name not in ledger.claims:
        raise HTTPException(404)
    claim = ledger.claims[name]
    sources = [ledger.sources[key] for key in claim.sources]
    return render(request, "why.html", name=name, claim=claim, grade=ledger.grades[claim.grade], sources=sources)

"""Page of factors that occur together with cramps or do not, and of the statistical method."""

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.content.pages import load_pages
from nightvoice.insight.pattern_narrative import tell_patterns
from nightvoice.insight.patterns import LOOK_BACK, patterns
from nightvoice.web.context import context_of
from nightvoice.web.kit.render import render


def show_patterns(request: Request) -> Response:
    """``/patterns``"""
    context = context_of(request)
    period = context.diary.period()
    until = context.last_night()
    narrative = None
    if period and period[0] <= until:
        nights = context.night_cache.nights(max(period[0], until - LOOK_BACK), until)
        found = context.night_cache.figures("patterns", nights, patterns)
        narrative = tell_patterns(found, load_pages(context.config.language))
    return render(request, "patterns.html", narrative=narrative)

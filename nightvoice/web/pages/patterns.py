"""What is seen together with nights with cramps, what is not, and how that is found."""

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.content.pages import load_pages
from nightvoice.insight.night import last_night
from nightvoice.system.extras import require_extra
from nightvoice.web.context import of, show


def patterns(request: Request) -> Response:
    """``/patterns``"""
    with require_extra("patterns"):
        from nightvoice.insight.pattern_narrative import tell_patterns  # noqa: PLC0415
        from nightvoice.insight.patterns import LOOK_BACK  # noqa: PLC0415
        from nightvoice.insight.patterns import patterns as look  # noqa: PLC0415
    context = of(request)
    period = context.diary.period()
    until = last_night(context.now())
    told = None
    if period and period[0] <= until:
        found = look(context.past.nights(max(period[0], until - LOOK_BACK), until))
        told = tell_patterns(found, load_pages(context.config.language).patterns)
    return show(request, "patterns.html", told=told)

"""The evening check-in: what the day held, before the night that follows."""

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.content.tips import tip_for
from nightvoice.diary.night import night_of
from nightvoice.web.context import of, saved, show
from nightvoice.web.kit.forms import Typed
from nightvoice.web.pages.fields import Wrong, filled_day
from nightvoice.web.pages.night import write_day


def evening(request: Request) -> Response:
    """``/evening``: of today, or in the morning still of yesterday."""
    return _evening(request)


def save(request: Request, typed: Typed) -> Response:
    """What the day held."""
    try:
        write_day(request, night_of(of(request).now()), typed)
    except Wrong as wrong:
        return _evening(request, wrong, typed)
    return saved(request, "/evening", "saved")


def _evening(request: Request, wrong: Wrong | None = None, typed: Typed | None = None) -> Response:
    context = of(request)
    night = context.diary.night(night_of(context.now()))
    return show(
        request,
        "evening.html",
        422 if wrong else 200,
        night=night,
        tip=tip_for(context.pack.tips, context.now().date(), "evening", context.config.profile.conditions),
        today=night.date == context.now().date(),
        tags=context.tags,
        day=filled_day(night.tags, night.note, context.tags) | dict(typed or {}),
        wrong=wrong,
    )

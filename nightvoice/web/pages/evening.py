"""Evening check-in: a form about the day, filed under the following night."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.content.tips import tip_for
from nightvoice.diary.night import night_of
from nightvoice.web.context import Context, context_of
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render
from nightvoice.web.pages.fields import InvalidField, day_fields
from nightvoice.web.pages.night import write_day


def show_evening(request: Request) -> Response:
    """``/evening``: the form about today, or before the last night ends the form about yesterday."""
    return _show_form(request)


def save_evening(request: Request, form: FormFields) -> Response:
    try:
        write_day(request, _night(context_of(request)), form)
    except InvalidField as error:
        return _show_form(request, error, form)
    return redirect_with_notice(request, "/evening", "saved")


def _night(context: Context) -> date:
    return night_of(context.now(), context.diary.night_end())


def _show_form(request: Request, error: InvalidField | None = None, form: FormFields | None = None) -> Response:
    context = context_of(request)
    night = context.diary.night(_night(context))
    return render(
        request,
        "evening.html",
        422 if error else 200,
        night=night,
        tip=tip_for(context.pack.tips, context.now().date(), "evening", context.config.profile.conditions),
        today=night.date == context.now().date(),
        tags=context.tags,
        day=day_fields(night.tags, night.note, context.tags) | dict(form or {}),
        wrong=error,
    )

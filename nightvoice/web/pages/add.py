"""The page for adding a cramp that nightvoice did not hear of."""

from datetime import date, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.diary.errors import OverlappingEpisode
from nightvoice.diary.night import night_of
from nightvoice.web.context import context_of
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render
from nightvoice.web.pages.fields import InvalidField, parse_minutes, parse_note, parse_onset, parse_ratings, taken_time

_FORM_ID: Final = "add"
_EMPTY: Final = dict.fromkeys(("time", "site", "side", "minutes", "severity", "notes"), "")
NIGHTS_OFFERED: Final = 14


def show_form(request: Request) -> Response:
    """``/add``, or ``/add?night=2026-03-01``"""
    asked = request.query_params.get("night", "")
    return _show(request, {"night": asked or str(context_of(request).last_night())})


def add_cramp(request: Request, form: FormFields) -> Response:
    """Add the cramp and show its night."""
    context = context_of(request)
    try:
        episode = context.diary.add_episode(**_parse(request, form))
    except OverlappingEpisode as error:
        return _show(request, form, taken_time(request, error, _FORM_ID))
    except InvalidField as error:
        return _show(request, form, error)
    address = "/" if episode.night == context.last_night() else f"/nights/{episode.night}"
    return redirect_with_notice(request, f"{address}#episode-{episode.id}", "saved")


def _parse(request: Request, form: FormFields) -> dict[str, Any]:
    """Return the arguments of ``Diary.add_episode``. Raises InvalidField."""
    try:
        night = date.fromisoformat(form.get("night", "").strip())
    except ValueError:
        raise InvalidField(_FORM_ID, "night", "Choose a night.") from None
    onset, minutes = parse_onset(request, night, form, _FORM_ID), parse_minutes(form, _FORM_ID)
    severity = parse_ratings({"severity": form.get("severity", "")}, _FORM_ID)
    notes = parse_note(form, _FORM_ID, "notes")
    place = {name: form.get(name) or None for name in ("site", "side")}
    return {"onset": onset, "minutes": minutes, "notes": notes, **place, **severity}


def _show(request: Request, form: FormFields, error: InvalidField | None = None) -> Response:
    now = _EMPTY | dict(form)
    nights = _nights(request)
    try:
        nights.setdefault(night := date.fromisoformat(now["night"]), "")
    except ValueError:
        night = context_of(request).last_night()
    return render(
        request,
        "add.html",
        422 if error else 200,
        now=now,
        night=night,
        nights=sorted(nights.items(), reverse=True),
        one_day=timedelta(days=1),
        wrong=error,
    )


def _nights(request: Request) -> dict[date, str]:
    """Return the nights to choose from, with a name for the latest."""
    context = context_of(request)
    last, tonight = context.last_night(), night_of(context.now(), context.diary.night_end())
    nights = {last - timedelta(days=back): "" for back in range(NIGHTS_OFFERED)}
    return nights | {last: "Last night"} | ({tonight: "Tonight"} if tonight > last else {})

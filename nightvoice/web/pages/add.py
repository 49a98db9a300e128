"""The page for adding a cramp that nightvoice did not hear of."""

from datetime import date, time, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.diary.errors import OverlappingEpisode
from nightvoice.diary.night import night_of
from nightvoice.diary.told_later import LONGEST_MINUTES, check_minutes, onset_of
from nightvoice.errors import NightvoiceError
from nightvoice.web.context import context_of
from nightvoice.web.kit.formatting import clock
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render
from nightvoice.web.pages.fields import InvalidField, parse_note, parse_ratings

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
        at = clock(error.onset, context.pack.morning.clock.hours)
        wrong = InvalidField(_FORM_ID, "time", f"The diary has a cramp at that time already, at {at}.")
        return _show(request, form, wrong)
    except InvalidField as error:
        return _show(request, form, error)
    address = "/" if episode.night == context.last_night() else f"/nights/{episode.night}"
    return redirect_with_notice(request, f"{address}#episode-{episode.id}", "saved")


def _parse(request: Request, form: FormFields) -> dict[str, Any]:
    """Return the arguments of ``Diary.add_episode``. Raises InvalidField."""
    context = context_of(request)
    night = _parsed(date, form, "night", "Choose a night.")
    began = _parsed(time, form, "time", "When did it begin? About is enough.").replace(second=0, tzinfo=None)
    try:
        onset = onset_of(night, began, context.diary.night_end())
    except NightvoiceError:
        raise InvalidField(_FORM_ID, "time", "The clocks were set forward over that time.") from None
    if onset > context.now():
        raise InvalidField(_FORM_ID, "time", "That time is still to come. Was it in the night before?")
    text = form.get("minutes", "").strip()
    minutes = int(text) if text.isdecimal() and len(text) <= 4 else text or None
    try:
        check_minutes(minutes)
    except NightvoiceError:
        message = f"How long it took: write whole minutes, from 1 to {LONGEST_MINUTES}."
        raise InvalidField(_FORM_ID, "minutes", message) from None
    severity = parse_ratings({"severity": form.get("severity", "")}, _FORM_ID)
    notes = parse_note(form, _FORM_ID, "notes")
    place = {name: form.get(name) or None for name in ("site", "side")}
    return {"onset": onset, "minutes": minutes, "notes": notes, **place, **severity}


def _parsed(kind: type[Any], form: FormFields, field: str, otherwise: str) -> Any:
    try:
        return kind.fromisoformat(form.get(field, "").strip())
    except ValueError:
        raise InvalidField(_FORM_ID, field, otherwise) from None


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

"""Converts form fields to diary values and back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from nightvoice.diary.episode import Episode
from nightvoice.diary.errors import NoSuchEpisode, OverlappingEpisode
from nightvoice.diary.told_later import onset_of
from nightvoice.diary.validation import LONGEST_MINUTES
from nightvoice.errors import NightvoiceError
from nightvoice.web.context import context_of
from nightvoice.web.kit.formatting import clock
from nightvoice.web.kit.forms import FormFields

MAX_NOTE_LENGTH: Final = 4000
MAX_RATING: Final = {"severity": 10, "soreness": 10, "sleep_lost_minutes": 24 * 60}
"""Highest value of each rating; the lowest is 0."""
_OUT_OF_RANGE: Final = {
    "severity": "How bad it was goes from 0 to 10.",
    "soreness": "How sore it was goes from 0 to 10.",
    "sleep_lost_minutes": "Sleep lost: write whole minutes, from 0 to 1440.",
}


class InvalidField(NightvoiceError):  # noqa: N818 (shown in the form; not a fault)
    """A field has an invalid value; its form is shown again with the typed text."""

    def __init__(self, form_id: str, field: str, message: str) -> None:
        super().__init__(message)
        self.form_id, self.field = form_id, field


def parse_ratings(form: FormFields, form_id: str) -> dict[str, int | None]:
    """Return the ratings in the form; None for an empty field. Raises InvalidField."""
    return {field: _parse_rating(form[field], form_id, field) for field in MAX_RATING if field in form}


def parse_onset(request: Request, night: date, form: FormFields, form_id: str) -> datetime:
    """Return when in ``night`` the clock showed the time in the form. Raises InvalidField."""
    context = context_of(request)
    try:
        began = time.fromisoformat(form.get("time", "").strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise InvalidField(form_id, "time", "When did it begin? About is enough.") from None
    try:
        onset = onset_of(night, began, context.diary.night_end())
    except NightvoiceError:
        raise InvalidField(form_id, "time", "The clocks were set forward over that time.") from None
    if onset > context.now():
        raise InvalidField(form_id, "time", "That time is still to come. Was it in the night before?")
    return onset


def parse_minutes(form: FormFields, form_id: str) -> int | None:
    """Return the length of a cramp in the form; None for an empty field. Raises InvalidField."""
    text = form.get("minutes", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= LONGEST_MINUTES):
        message = f"How long it took: write whole minutes, from 1 to {LONGEST_MINUTES}."
        raise InvalidField(form_id, "minutes", message)
    return int(text)


def taken_time(request: Request, error: OverlappingEpisode, form_id: str) -> InvalidField:
    """Return the mistake in a form whose time another cramp has."""
    at = clock(error.onset, context_of(request).pack.morning.clock.hours)
    return InvalidField(form_id, "time", f"The diary has a cramp at that time already, at {at}.")


def parse_note(form: FormFields, form_id: str, field: str) -> str | None:
    """Return the text in ``field``; None if it is empty. Raises InvalidField."""
    text = form.get(field, "").strip()
    if len(text) > MAX_NOTE_LENGTH:
        raise InvalidField(form_id, field, f"A note has room for {MAX_NOTE_LENGTH} letters; this one has {len(text)}.")
    return text or None


def parse_tags(form: FormFields) -> dict[str, bool | None]:
    """Return the tags in the form: yes, no, or None for no answer."""
    values = {"yes": True, "no": False}
    return {name.removeprefix("tag-"): values.get(value) for name, value in form.items() if name.startswith("tag-")}


def episode_fields(episode: Episode) -> dict[str, str]:
    """Return the form fields for ``episode``."""
    names = ("site", "side", "outcome", "notes", *MAX_RATING)
    minutes = "" if episode.duration is None else str(round(episode.duration / timedelta(minutes=1)))
    told = {"time": f"{episode.onset:%H:%M}", "minutes": minutes}
    return {name: _text(getattr(episode, name)) for name in names} | told


def day_fields(tags: Mapping[str, bool], note: str | None, names: Iterable[str]) -> dict[str, str]:
    """Return the form fields for the tags and the note of a night. ``names``: the tags that the form asks for."""
    values = {True: "yes", False: "no"}
    return {f"tag-{name}": values[tags[name]] if name in tags else "" for name in names} | {"note": note or ""}


def night_in_path(request: Request) -> date:
    """Return the night in the URL. Raises HTTPException 404."""
    try:
        return date.fromisoformat(request.path_params["night"])
    except ValueError:
        raise HTTPException(404) from None


def episode_in_path(request: Request) -> Episode:
    """Return the episode whose number is in the URL. Raises HTTPException 404."""
    try:
        return context_of(request).diary.episode(request.path_params["id"])
    except NoSuchEpisode:
        raise HTTPException(404) from None


def _parse_rating(value: str, form_id: str, field: str) -> int | None:
    text = value.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MAX_RATING[field]):
        raise InvalidField(form_id, field, _OUT_OF_RANGE[field])
    return int(text)


def _text(value: Any) -> str:
    return "" if value is None else str(value)

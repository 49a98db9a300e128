"""From what was typed to values, and back."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from nightvoice.diary.episode import Episode
from nightvoice.diary.errors import NoSuchEpisode
from nightvoice.errors import NightvoiceError
from nightvoice.web.context import of
from nightvoice.web.kit.forms import LONGEST_NOTE, Typed

RATINGS: Final = {"severity": 10, "soreness": 10, "sleep_lost_minutes": 24 * 60}
"""The most of each."""
_SHOULD: Final = {
    "severity": "How bad it was goes from 0 to 10.",
    "soreness": "How sore it was goes from 0 to 10.",
    "sleep_lost_minutes": "Sleep lost: write whole minutes, from 0 to 1440.",
}


class Wrong(NightvoiceError):  # noqa: N818 (an answer to the person, not a fault)
    """A field that cannot be taken; its form is shown again with all that was typed."""

    def __init__(self, form: str, field: str, message: str) -> None:
        super().__init__(message)
        self.form, self.field = form, field


def rating(typed: Typed, form: str, field: str) -> int | None:
    """The number in ``field``; None where it is empty. Raises Wrong."""
    text = typed.get(field, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= RATINGS[field]):
        raise Wrong(form, field, _SHOULD[field])
    return int(text)


def ratings(typed: Typed, form: str) -> dict[str, int | None]:
    """All of them that the form has."""
    return {field: rating(typed, form, field) for field in RATINGS if field in typed}


def note(typed: Typed, form: str, field: str) -> str | None:
    """The text in ``field``; None where it is empty. Raises Wrong."""
    text = typed.get(field, "").strip()
    if len(text) > LONGEST_NOTE:
        raise Wrong(form, field, f"A note has room for {LONGEST_NOTE} letters; this one has {len(text)}.")
    return text or None


def tags(typed: Typed) -> dict[str, bool | None]:
    """The tags of the form: yes, no, or None for not said."""
    said = {"yes": True, "no": False}
    return {name.removeprefix("tag-"): said.get(value) for name, value in typed.items() if name.startswith("tag-")}


def filled(episode: Episode) -> dict[str, str]:
    """An episode as the fields of its form."""
    names = ("site", "side", "outcome", "notes", *RATINGS)
    return {name: _text(getattr(episode, name)) for name in names}


def filled_day(given: Mapping[str, bool], text: str | None, names: Any) -> dict[str, str]:
    """The tags and the note of a night as the fields of their form; ``names``: of all tags that it asks for."""
    said = {True: "yes", False: "no"}
    return {f"tag-{name}": said[given[name]] if name in given else "" for name in names} | {"note": text or ""}


def date_of(request: Request) -> date:
    """The night in the address. Raises HTTPException 404."""
    try:
        return date.fromisoformat(request.path_params["night"])
    except ValueError:
        raise HTTPException(404) from None


def episode_of(request: Request) -> Episode:
    """The episode in the address. Raises HTTPException 404."""
    try:
        return of(request).diary.episode(request.path_params["id"])
    except NoSuchEpisode:
        raise HTTPException(404) from None


def _text(value: Any) -> str:
    return "" if value is None else str(value)

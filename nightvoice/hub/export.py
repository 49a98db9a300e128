"""Exports coded events and nights for a study as JSON lines, under pseudonyms and without free text or dates.

A bed's pseudonym is an HMAC of its name: the same in every export, and not reversible without the key. Nights
are numbered. The numbers of one bed are shifted by a secret number of days, because with dates, one known night (an
ambulance, a holiday) would identify a person; the distances between nights are preserved. Times of day are those of
the bed's clock, to the minute, since such studies ask at what hours cramps occur.
"""

import hmac
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from nightvoice.diary.kinds import EXPORTED_KINDS, KINDS, EpisodeEdited
from nightvoice.diary.marks import EXPORT, is_code, may_leave
from nightvoice.errors import NightvoiceError
from nightvoice.hub.store import Store
from nightvoice.system.atomic_file import replace_text

_SHIFT_DAYS: Final = 36_500


def study_key(file: Path) -> bytes:
    """Return the secret key of the pseudonyms, creating it if it is missing. Raises NightvoiceError."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_text(file, secrets.token_hex(32))
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise NightvoiceError(f"{file}: the key of the pseudonyms cannot be read; restore it from a backup") from None
    if len(key) < 32:
        raise NightvoiceError(f"{file}: the key of the pseudonyms is too short; restore it from a backup")
    return key


class Pseudonyms:
    """Pseudonyms of beds and numbers of nights, derived from a secret ``key``."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def name(self, bed: str) -> str:
        return self._digest(f"name {bed}")[:16]

    def night(self, bed: str, night: date) -> int:
        """Return the number of a night, comparable only with other nights of the same bed."""
        return night.toordinal() + int(self._digest(f"shift {bed}"), 16) % _SHIFT_DAYS

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()


def export(store: Store, key: bytes) -> Iterator[str]:
    """Yield a JSON line for each night and event, bed by bed, sorted by pseudonym. Raises StorageUnavailable."""
    pseudonyms = Pseudonyms(key)
    for bed in sorted(store.beds(), key=pseudonyms.name):
        pseudonym = pseudonyms.name(bed)
        for night, listened_h, coverage, cramps in store.nights(bed):
            fields = {"listened_h": listened_h, "coverage": coverage, "cramps": cramps}
            yield _line(bed=pseudonym, night=pseudonyms.night(bed, night), kind="night", **fields)
        for at, offset, night, episode, kind, data in store.events(bed, EXPORTED_KINDS):
            marked = may_leave(data, EXPORT, kind, KINDS)
            # None in an edit means that the person withdrew the value.
            cleared = kind == EpisodeEdited.kind
            coded = {name: value for name, value in marked.items() if is_code(value) or (cleared and value is None)}
            clock = f"{at.astimezone(UTC) + timedelta(minutes=offset):%H:%M}"
            place = {"night": pseudonyms.night(bed, night), "clock": clock, "episode": episode}
            yield _line(bed=pseudonym, kind=kind, **place, **coded)


def _line(**values: Any) -> str:
    return json.dumps(values, separators=(",", ":")) + "\n"

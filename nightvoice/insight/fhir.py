"""Exports the diary as a FHIR bundle of self-reported data, without a name or a diagnosis.

The bundle has one Observation per cramp and one QuestionnaireResponse per night. The elements used are the same in R4
(4.0.1) and R4B (4.3.0); R4B's models validate it. A night without listening is marked and has no cramp count.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from nightvoice.content.loader import HERE
from nightvoice.diary.episode import Episode
from nightvoice.diary.night import Night
from nightvoice.errors import NightvoiceError
from nightvoice.system.yaml_file import read_yaml

Resource = dict[str, Any]

_CATEGORY: Final = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}],
}
_NOT_TOLD: Final = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}],
    "text": "not told",
}


def bundle(nights: Sequence[Night], made: datetime, namespace: UUID) -> Resource:
    """Return a validated FHIR Bundle of ``nights`` as plain data. Raises NightvoiceError without extra ``fhir``.

    ``namespace``: id of the diary, so that two people's records never share an id, and a second export of one diary
    replaces the first.
    """
    try:
        from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415 - heavy, and an extra
    except ModuleNotFoundError:
        raise NightvoiceError(
            "--format fhir: the Python package fhir.resources is missing; pip install 'nightvoice[fhir]'"
        ) from None
    words: dict[str, Any] = read_yaml(HERE / "codes.yaml")
    ids = _Ids(namespace)
    resources = [{"resourceType": "Patient", "id": ids.of("patient")}, *_resources(nights, words, ids)]
    result = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": _instant(made),
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources],
    }
    Bundle.model_validate(result)
    return result


class _Ids:
    """Stable ids of the resources from one diary, so that a second export replaces the first."""

    def __init__(self, namespace: UUID) -> None:
        self._namespace = namespace

    def of(self, name: str) -> str:
        return str(uuid5(self._namespace, name))

    def patient(self) -> Resource:
        """Return a reference to the person."""
        return {"reference": f"urn:uuid:{self.of('patient')}"}


def _resources(nights: Sequence[Night], words: dict[str, Any], ids: _Ids) -> Iterator[Resource]:
    for night in nights:
        yield _response(night, words, ids)
        yield from (_observation(episode, words, ids) for episode in night.episodes)


def _observation(episode: Episode, words: dict[str, Any], ids: _Ids) -> Resource:
    """Return the Observation of one cramp."""
    code = words["calf_cramp" if episode.site == "calf" else "cramp"]
    place = " ".join(part for part in (episode.side, episode.site) if part)
    period = {"start": _instant(episode.onset)} | ({"end": _instant(episode.ended)} if episode.ended else {})
    minutes = None if episode.duration is None else round(episode.duration / timedelta(minutes=1), 1)
    components = [
        _component(words["severity"], _score(episode.severity)),
        _component(words["soreness"], _score(episode.soreness)),
        _component(words["sleep_lost_minutes"], _minutes(episode.sleep_lost_minutes)),
        _component(words["duration"], _minutes(minutes)),
        _component(words["outcome"], {"valueString": episode.outcome} if episode.outcome else None),
        *([_component(words["told_later"], {"valueBoolean": True})] if episode.told_later else []),
        *(_component(words["step"], {"valueString": f"{s.step}: {s.effect or 'not said'}"}) for s in episode.steps),
        *(_component(words["flag"], {"valueString": f"{f.flag}: {f.action}"}) for f in episode.flags),
    ]
    return {
        "resourceType": "Observation",
        "id": ids.of(f"episode/{episode.id}/{episode.onset.isoformat()}"),
        "status": "final",
        "category": [_CATEGORY],
        "code": code,
        "subject": ids.patient(),
        "performer": [ids.patient()],
        "effectivePeriod": period,
        **({"bodySite": {"text": place}} if place else {}),
        **({"note": [{"text": episode.notes}]} if episode.notes and episode.notes.strip() else {}),
        "component": components,
    }


def _component(code: dict[str, Any], value: dict[str, Any] | None) -> Resource:
    return {"code": code, **(value or {"dataAbsentReason": _NOT_TOLD})}


def _score(value: int | None) -> dict[str, Any] | None:
    return None if value is None else {"valueInteger": value}


def _minutes(value: float | None) -> dict[str, Any] | None:
    unit = {"unit": "min", "system": "http://unitsofmeasure.org", "code": "min"}
    return None if value is None else {"valueQuantity": {"value": value, **unit}}


def _response(night: Night, words: dict[str, Any], ids: _Ids) -> Resource:
    """Return the QuestionnaireResponse of one night: hours listened, number of cramps, and the day before."""
    hours = round(night.listened / timedelta(hours=1), 2)
    items = [_item("listened", words["listened"]["text"], {"valueDecimal": hours})]
    if night.listened or night.episodes:
        items.append(_item("cramps", words["cramps"]["text"], {"valueInteger": len(night.episodes)}))
    for tag, said in sorted(night.tags.items()):
        items.append(_item(f"tag/{tag}", f"{words['tag']['text']}: {tag}", {"valueBoolean": said}))
    if night.note:
        items.append(_item("note", words["notes"]["text"], {"valueString": night.note}))
    noon = datetime(night.date.year, night.date.month, night.date.day, 12, tzinfo=UTC) + timedelta(days=1)
    over = [span.end for span in night.spans[-1:]] or [
        episode.ended or episode.onset for episode in night.episodes[-1:]
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": ids.of(f"night/{night.date}"),
        "status": "completed",
        "subject": ids.patient(),
        "source": ids.patient(),
        "authored": _instant(over[0] if over else noon),
        "item": [{"linkId": "night", "text": f"{words['night']['text']}: {night.date}", "item": items}],
    }


def _item(link: str, text: str, value: dict[str, Any]) -> Resource:
    return {"linkId": link, "text": text, "answer": [value]}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

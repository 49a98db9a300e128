"""The diary in FHIR: valid, self-reported, and with missing data marked."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("fhir")

from fhir.resources.R4B.bundle import Bundle

from nightvoice.diary.backup import export_records, import_records
from nightvoice.diary.store import Diary
from nightvoice.insight.fhir import bundle

AT = datetime(2026, 3, 2, 2, 13, tzinfo=UTC)
NIGHT = date(2026, 3, 1)
MADE = datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
def diary(url: str) -> Iterator[Diary]:
    with Diary.open(url) as diary:
        diary.listening(AT - timedelta(hours=4), AT + timedelta(hours=4))
        diary.append("episode_opened", AT, {"site": "calf", "side": "left"})
        diary.append("step", AT, {"protocol": "calf", "step": "towel-stretch"})
        diary.append("flag", AT, {"flag": "worse", "action": "doctor"})
        diary.append("episode_closed", AT + timedelta(minutes=4), {"outcome": "gone"})
        diary.edit_episode(1, severity=6, notes="after the hike")
        diary.append("episode_opened", AT + timedelta(hours=1), {})
        diary.tag(NIGHT, {"walk": True, "alcohol": False})
        diary.note(NIGHT, "warm room")
        yield diary


def resources(diary: Diary, kind: str) -> list[dict[str, Any]]:
    made = bundle(diary.nights(NIGHT, NIGHT + timedelta(days=1)), MADE, diary.namespace())
    return [entry["resource"] for entry in made["entry"] if entry["resource"]["resourceType"] == kind]


def test_the_bundle_round_trips_through_the_models(diary: Diary) -> None:
    made = bundle(diary.nights(NIGHT, NIGHT + timedelta(days=1)), MADE, diary.namespace())
    assert made["type"] == "collection"
    again = json.loads(Bundle.model_validate(made).model_dump_json())
    assert [entry["resource"]["resourceType"] for entry in again["entry"]] == [
        "Patient",
        "QuestionnaireResponse",
        "Observation",
        "Observation",
        "QuestionnaireResponse",
    ]
    assert len({entry["fullUrl"] for entry in again["entry"]}) == 5


def test_a_cramp_is_a_self_reported_observation(diary: Diary) -> None:
    first, second = resources(diary, "Observation")
    (patient,) = resources(diary, "Patient")
    person = {"reference": f"urn:uuid:{patient['id']}"}
    assert first["subject"] == person
    assert first["performer"] == [person]
    assert first["category"][0]["coding"][0]["code"] == "survey"
    assert first["effectivePeriod"] == {"start": "2026-03-02T02:13:00+00:00", "end": "2026-03-02T02:17:00+00:00"}
    assert [coding["code"] for coding in first["code"]["coding"]] == ["R25.2", "M62.831"]
    assert first["bodySite"] == {"text": "left calf"}
    assert first["note"] == [{"text": "after the hike"}]
    severity = first["component"][0]
    assert (severity["code"]["coding"][0]["code"], severity["valueInteger"]) == ("72514-3", 6)
    assert [component.get("valueString") for component in first["component"][-2:]] == [
        "towel-stretch: not said",
        "worse: doctor",
    ]
    # The second cramp has no rating and no outcome.
    assert [coding["code"] for coding in second["code"]["coding"]] == ["R25.2"]
    assert all(component["dataAbsentReason"]["text"] == "not told" for component in second["component"])
    assert "end" not in second["effectivePeriod"]


def test_a_cramp_told_later_says_so(diary: Diary) -> None:
    diary.add_episode(AT - timedelta(hours=1), minutes=5)
    told, *others = resources(diary, "Observation")
    assert [part["code"]["text"] for part in told["component"] if part.get("valueBoolean")] == [
        "Entered afterwards, with time and duration from memory"
    ]
    assert not any("valueBoolean" in part for other in others for part in other["component"])


def test_the_bundle_has_no_diagnosis(diary: Diary) -> None:
    made = json.dumps(bundle(diary.nights(NIGHT, NIGHT), MADE, diary.namespace()))
    assert "G47.62" not in made
    assert "Condition" not in made


def test_a_night_without_listening_has_no_cramp_count(diary: Diary) -> None:
    listened, missed = (
        {item["linkId"]: next(iter(item["answer"][0].values())) for item in response["item"][0]["item"]}
        for response in resources(diary, "QuestionnaireResponse")
    )
    assert listened == {"listened": 8.0, "cramps": 2, "tag/alcohol": False, "tag/walk": True, "note": "warm room"}
    assert missed == {"listened": 0.0}


def test_ids_are_stable_in_one_diary_and_shared_with_no_other(diary: Diary) -> None:
    def ids(of: Diary) -> set[str]:
        made = bundle(diary.nights(NIGHT, NIGHT + timedelta(days=1)), MADE, of.namespace())
        return {entry["resource"]["id"] for entry in made["entry"]}

    with Diary.open(None) as other:
        assert not ids(diary) & ids(other)
        assert ids(diary) == ids(diary)
    with Diary.open(None) as restored:
        import_records(restored, export_records(diary), "backup")
        assert ids(restored) == ids(diary)

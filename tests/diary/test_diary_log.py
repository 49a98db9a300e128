"""The event log and the episodes derived from it."""

import stat
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError

CET = timezone(timedelta(hours=1))
AT = datetime(2026, 3, 2, 2, 13, tzinfo=CET)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def write_cramp(diary: Diary, at: datetime = AT) -> int:
    """A calf cramp of four minutes that the towel stretch eased."""
    seq = diary.append("episode_opened", at, {"site": "calf", "side": "left"})
    diary.append("step", at + minutes(1), {"protocol": "calf", "step": "towel-stretch"})
    diary.append("effect", at + minutes(2), {"protocol": "calf", "step": "towel-stretch", "effect": "eased"})
    diary.append("episode_closed", at + minutes(4), {"outcome": "gone"})
    return seq


def test_an_event_reads_as_it_was_written_after_reopening(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        seq = diary.append("heard", AT, {"intent": "cramp", "slots": {"side": "left"}, "score": 0.5})
    with Diary.open(f"sqlite:///{file}") as diary:
        (event,) = diary.events()
    assert (event.seq, event.kind, event.episode) == (seq, "heard", None)
    assert event.at == AT
    assert event.at.utcoffset() == timedelta(hours=1)
    assert event.night == date(2026, 3, 1)
    assert event.data == {"intent": "cramp", "slots": {"side": "left"}, "score": 0.5}


def test_the_file_and_its_helpers_are_the_owners_alone(tmp_path: Path) -> None:
    with Diary.open(str(tmp_path / "diary.sqlite")) as diary:
        write_cramp(diary)
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
        assert len(list(tmp_path.iterdir())) > 1  # the write-ahead log lies beside it


def test_followers_read_on_from_the_last_number_they_know(url: str) -> None:
    with Diary.open(url) as diary:
        write_cramp(diary)
        first, *later = [event.seq for event in diary.events()]
        assert [event.seq for event in diary.events(after=first)] == later
        assert diary.events(after=later[-1]) == []


def test_an_episode_is_derived_from_its_events(url: str) -> None:
    with Diary.open(url) as diary:
        number = diary.append("episode_opened", AT)
        diary.append("site", AT + minutes(0.5), {"site": "arch", "side": "right"})
        diary.append("step", AT + minutes(1), {"protocol": "arch", "step": "arch-stretch"})
        diary.append("effect", AT + minutes(2), {"protocol": "arch", "step": "arch-stretch", "effect": "same"})
        diary.append("step", AT + minutes(3), {"protocol": "arch", "step": "arch-stretch"})
        diary.append("effect", AT + minutes(4), {"protocol": "arch", "step": "arch-stretch", "effect": "eased"})
        diary.append("flag", AT + minutes(5), {"flag": "numbness", "action": "doctor"})
        assert diary.unfinished() == diary.episode(number)
        diary.append("episode_closed", AT + minutes(6), {"outcome": "eased"})
        assert diary.unfinished() is None
        episode = diary.episode(number)
    assert (episode.site, episode.side, episode.outcome) == ("arch", "right", "eased")
    assert [step.effect for step in episode.steps] == ["same", "eased"]
    assert [(flag.flag, flag.action) for flag in episode.flags] == [("numbness", "doctor")]
    assert episode.duration == minutes(6)


def test_events_without_an_open_episode_belong_to_none(url: str) -> None:
    with Diary.open(url) as diary:
        number = write_cramp(diary)
        diary.append("heard", AT + minutes(9), {"intent": "summary"})
        diary.append("flag", AT + minutes(9), {"flag": "chest", "action": "emergency"})
        assert [event.episode for event in diary.events()] == [number] * 4 + [None, None]
        assert [flag.flag for flag in diary.night(date(2026, 3, 1)).flags] == ["chest"]


def test_a_new_cramp_closes_an_open_one_as_interrupted(url: str) -> None:
    with Diary.open(url) as diary:
        forgotten = diary.append("episode_opened", AT)
        number = diary.append("episode_opened", AT + minutes(60))
        assert diary.episode(forgotten).outcome == "interrupted"
        unfinished = diary.unfinished()
        assert unfinished is not None
        assert unfinished.id == number


def test_an_unfinished_episode_is_closed_at_its_last_event(url: str) -> None:
    with Diary.open(url) as diary:
        diary.append("episode_opened", AT, {"site": "toes"})
        diary.append("step", AT + minutes(3), {"protocol": "toes", "step": "toes-stretch"})
        closed = diary.interrupt_unfinished()
        assert closed is not None
        assert (closed.outcome, closed.ended) == ("interrupted", AT + minutes(3))
        assert diary.interrupt_unfinished() is None


def test_editing_changes_the_episode_and_is_logged(url: str) -> None:
    with Diary.open(url) as diary:
        number = write_cramp(diary)
        diary.edit_episode(number, severity=7, notes="after the hike", side=None)
        episode = diary.episode(number)
        assert (episode.severity, episode.notes, episode.side, episode.site) == (7, "after the hike", None, "calf")
        assert diary.events()[-1].data == {"severity": 7, "notes": "after the hike", "side": None}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"severity": 11}, "severity 11: should be a whole number from 0 to 10"),
        ({"severity": True}, "severity True: should be a whole number"),
        ({"sleep_lost_minutes": -1}, "sleep_lost_minutes -1: should be"),
        ({"site": "knee"}, "site 'knee': should be one of calf, arch"),
        ({"side": "up"}, "side 'up': should be one of left, right, both"),
        ({"outcome": "fine"}, "outcome 'fine': should be one of gone"),
        ({"onset": AT}, "only those of a cramp told later can be edited"),
    ],
)
def test_impossible_values_are_refused_and_change_nothing(url: str, fields: dict[str, object], says: str) -> None:
    with Diary.open(url) as diary:
        number = write_cramp(diary)
        before = diary.episode(number)
        with pytest.raises(NightvoiceError) as error:
            diary.edit_episode(number, **fields)
        assert says in str(error.value)
        assert diary.episode(number) == before
        assert diary.events()[-1].kind == "episode_closed"


def test_a_number_that_does_not_exist_is_named(url: str) -> None:
    with Diary.open(url) as diary:
        for act in (diary.episode, diary.edit_episode, diary.delete_episode):
            with pytest.raises(NightvoiceError, match="episode 99: there is none"):
                act(99)


def test_deleting_is_final_and_its_number_is_not_reused(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        diary.append("heard", AT - minutes(300), {"intent": "good_morning"})
        diary.append("heard", AT, {"intent": "cramp"})
        number = write_cramp(diary)
        diary.append("heard", AT + minutes(5), {"intent": "summary"})
        diary.edit_episode(number, notes="a secret worth keeping")
        last = diary.events()[-1].seq
        diary.delete_episode(number)
        assert diary.episodes() == []
        assert [event.data for event in diary.events()] == [
            {"intent": "good_morning"},
            {"intent": "summary"},
            {"episode": number},
        ]
        assert write_cramp(diary) > last
        # Not even in the bytes of the file, its log or its free pages.
        assert not any(b"a secret worth keeping" in part.read_bytes() for part in tmp_path.iterdir())


def test_a_naive_time_or_an_unknown_kind_is_a_programming_error(url: str) -> None:
    with Diary.open(url) as diary:
        with pytest.raises(ValueError, match="no time zone"):
            diary.append("heard", datetime(2026, 3, 2, 2, 13), {})
        with pytest.raises(ValueError, match="hurd: not an event kind"):
            diary.append("hurd", AT, {})
        assert diary.events() == []


def test_two_open_diaries_see_each_others_writes(tmp_path: Path) -> None:
    file = str(tmp_path / "diary.sqlite")
    with Diary.open(file) as assistant, Diary.open(file, create=False) as page:
        number = write_cramp(assistant)
        page.edit_episode(number, severity=3)
        assert assistant.episode(number).severity == 3
        page.delete_episode(number)
        assert assistant.unfinished() is None
        assert assistant.append("heard", AT, {"intent": "cramp"}) == assistant.events()[-1].seq


_SITES = st.sampled_from(["calf", "arch", "toes"])
_STEPS = st.fixed_dictionaries({"protocol": st.just("calf"), "step": st.sampled_from(["towel-stretch", "massage"])})
_TEXT = st.text(st.characters(exclude_characters="\0"))
_WRITTEN = st.one_of(
    st.tuples(st.just("episode_opened"), st.fixed_dictionaries({}, optional={"site": _SITES})),
    st.tuples(st.just("site"), st.fixed_dictionaries({"site": _SITES}, optional={"side": st.just("left")})),
    st.tuples(st.just("step"), _STEPS),
    st.tuples(st.just("effect"), _STEPS.map(lambda step: step | {"effect": "eased"})),
    st.tuples(st.just("flag"), st.just({"flag": "clot", "action": "urgent"})),
    st.tuples(st.just("heard"), st.just({"intent": "next"})),
    st.tuples(st.just("episode_closed"), st.just({"outcome": "gone"})),
    st.tuples(
        st.just("edit"),
        st.fixed_dictionaries(
            {}, optional={"severity": st.integers(0, 10), "notes": st.text(st.characters(exclude_characters="\0"))}
        ),
    ),
    st.tuples(st.just("delete"), st.just({})),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(_WRITTEN, max_size=25), st.data())
def test_episodes_can_be_rebuilt_from_the_log(
    written: list[tuple[str, dict[str, object]]], data: st.DataObject
) -> None:
    with Diary.open() as diary:
        for second, (kind, fields) in enumerate(written):
            episodes = diary.episodes()
            if kind in ("edit", "delete"):
                if episodes:
                    number = data.draw(st.sampled_from(episodes)).id
                    if kind == "edit":
                        diary.edit_episode(number, **fields)
                    else:
                        diary.delete_episode(number)
            else:
                diary.append(kind, AT + timedelta(seconds=second), fields)
        before = diary.episodes()
        diary.rebuild()
        assert diary.episodes() == before
        assert len(before) == sum(event.kind == "episode_opened" for event in diary.events())


def test_times_are_stored_in_utc_with_the_offset_of_the_persons_clock(url: str) -> None:
    with Diary.open(url) as diary:
        write_cramp(diary, AT.astimezone(UTC))
        assert diary.episodes()[0].onset.isoformat() == "2026-03-02T01:13:00+00:00"

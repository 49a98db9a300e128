"""The page while ``nightvoice run`` writes into the same diary, and a night of a thousand cramps."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nightvoice import assembly
from nightvoice.diary.store import Diary
from tests.helpers.web_site import LAST, Serve

NIGHT = LAST - timedelta(days=1)
BEGAN = datetime(NIGHT.year, NIGHT.month, NIGHT.day, 22, tzinfo=UTC)


def test_edits_on_the_page_and_the_events_of_the_night_are_all_kept(serve: Serve) -> None:
    site = serve(empty=True)
    site.context.diary.append("listening_started", BEGAN, {"engine": "e", "voice": "v", "version": "1"})
    path = f"/nights/{NIGHT}"
    token, journal, ends = site.token(path), assembly.open_diary(str(site.file)), threading.Event()
    written = 0

    def night() -> None:
        nonlocal written
        while not ends.is_set():
            journal.write("heard", BEGAN + timedelta(seconds=written), {"intent": "next", "slots": {}, "score": 0.5})
            written += 1

    running = threading.Thread(target=night)
    running.start()
    answers = []
    for number in range(10):
        answers.append(site.ask(path, {"note": f"note {number}", "csrf": token}).status)
        assert site.context.diary.night(NIGHT).note == f"note {number}"
        answers.append(site.ask(path).status)
    ends.set()
    running.join()
    assert journal.close() is None
    assert set(answers) == {303, 200}, "nobody is told that the database is locked"
    assert not any("writing to it" in line for line in journal.notices())
    kinds = [event.kind for event in site.context.diary.events()]
    assert kinds.count("heard") == written
    assert kinds.count("night_noted") == 10


def a_thousand_cramps(file: Path) -> None:
    with Diary.open() as diary:
        diary.append("listening_started", BEGAN, {"engine": "e", "voice": "v", "version": "1"})
        for number in range(1000):
            at = BEGAN + timedelta(seconds=30 * number)
            diary.append("episode_opened", at, {"site": "calf", "side": "left"})
            diary.append("episode_closed", at + timedelta(seconds=20), {"outcome": "gone"})
        diary.append("listening_stopped", BEGAN + timedelta(hours=9), {"reason": "ended"})
        with sqlite3.connect(file) as copy:
            diary.database._open_connection().backup(copy)
        copy.close()


def test_a_night_of_a_thousand_cramps_is_told_in_a_few_sentences_and_shown_whole(serve: Serve, tmp_path: Path) -> None:
    a_thousand_cramps(tmp_path / "diary.sqlite")
    site = serve(empty=True)
    for route in ("/", "/nights", f"/nights/{NIGHT}", "/trends"):
        answer = site.ask(route)
        assert answer.status == 200, route
    shown = site.ask(f"/nights/{NIGHT}").text
    assert "You had 1000 cramps" in shown
    assert {f"/episodes/{episode.id}" for episode in site.context.diary.episodes()} <= set(shown.split('"'))

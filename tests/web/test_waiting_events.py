"""The page says that the diary could not take part of a night yet."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightvoice.cli.web import web
from nightvoice.diary.spool import spool_of
from nightvoice.web import serve as serving
from nightvoice.web.context import Context
from tests.helpers.web_site import LAST, Serve, Site


def test_one_line_says_how_much_waits(site: Site) -> None:
    assert "not in the diary yet" not in site.ask("/").text
    site.context.count_waiting = lambda: 3
    assert "3 entries of a night are not in the diary yet" in site.ask("/").text
    assert "not in the diary yet" not in site.ask(f"/nights/{LAST.replace(day=1)}").text


def test_the_first_night_may_wait_too(serve: Serve) -> None:
    site = serve(empty=True)
    site.context.count_waiting = lambda: 1
    assert "1 entry of a night is not in the diary yet" in site.ask("/").text


def test_the_command_counts_what_waits_beside_its_diary(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []

    def count(context: Context, *_: object) -> None:
        found.append(context.count_waiting())

    monkeypatch.setattr(serving, "serve", count)
    spool_of(str(home / "data" / "nightvoice" / "diary.sqlite")).save([("heard", datetime.now(UTC), {})])
    web(port=0)
    assert found == [1]

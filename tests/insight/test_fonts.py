"""Letters that no font has are named, not shown as boxes without a word."""

from pathlib import Path

import pytest

from nightvoice.insight.fonts import letters_without_font


def test_letters_beyond_latin_are_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "fc-list"
    command.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/asked\n[ "$1" = :charset=3b1 ] && echo Figtree\nexit 0\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert letters_without_font("Ada Łódź α 中村中 – ☐") == "中村"
    assert sorted((tmp_path / "asked").read_text().split()) == [":charset=3b1", ":charset=4e2d", ":charset=6751"]


def test_without_fontconfig_nothing_is_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert letters_without_font("中") == ""

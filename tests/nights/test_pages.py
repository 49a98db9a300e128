"""The nights of docs/nights are those that the program plays today."""

from pathlib import Path

import pytest

from scripts import make_nights

MADE_BY = "run: python scripts/make_nights.py"


@pytest.mark.slow
def test_the_pages_are_current() -> None:
    made = dict(make_nights.pages())
    kept = {file.name: file.read_text("utf-8") for file in make_nights.FOLDER.glob("*.md")}
    assert sorted(made) == sorted(kept), MADE_BY
    assert [name for name in made if made[name] != kept[name]] == [], MADE_BY


def test_each_site_has_each_course_and_the_index_names_every_page() -> None:
    index = (make_nights.FOLDER / "README.md").read_text("utf-8")
    for site in ("calf", "arch", "toes", "shin", "hamstring", "quadriceps"):
        page = Path(make_nights.FOLDER / f"{site}.md").read_text("utf-8")
        courses = ("A usual cramp", "It gets worse", "Silence", "A danger sign in the middle of a hold", "Stop")
        assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == list(courses)
    for file in make_nights.FOLDER.glob("*.md"):
        assert file.name == "README.md" or f"({file.name})" in index

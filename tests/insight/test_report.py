"""The report for a doctor: its figures, and one sheet of A4 for any nights."""

import io
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("pypdf")
pytest.importorskip("weasyprint")

from pypdf import PdfReader
from typer.testing import CliRunner, Result

from nightvoice.cli import app
from nightvoice.content.eligibility import CONDITIONS
from nightvoice.content.loader import load_pack
from nightvoice.content.pages import load_pages
from nightvoice.content.schema import SITES
from nightvoice.diary.episode import OUTCOMES, Episode, RecordedFlag, StepTaken
from nightvoice.diary.night import Night, Span
from nightvoice.diary.store import Diary
from nightvoice.errors import NightvoiceError
from nightvoice.insight.report import MAX_NIGHTS, Report, Statements, report
from nightvoice.insight.report_page import report_html, report_pdf
from nightvoice.system.extras import require_extra

FIRST = date(2026, 2, 2)
MADE = date(2027, 3, 1)
EVERYTHING = Statements(
    name="Wilhelmina Featherstonehaugh-Cholmondeley of Worcestershire",
    born="29 February 1936",
    medicines="furosemide 40 mg, atorvastatin, salmeterol inhaler, bisoprolol, apixaban, metformin, levothyroxine, "
    "pantoprazole, vitamin D, magnesium from the chemist, and sleeping tablets now and then, perhaps",
    answers={"pain_on_walking": True, "urge_to_move": False, "numbness": True, "swelling": True},
    conditions=frozenset(CONDITIONS),
)


def a_night(number: int, heard: float = 8, cramps: int = 0, **about: object) -> Night:
    day = FIRST + timedelta(days=number)
    begin = datetime.combine(day, time(22), UTC)
    spans = (Span(begin, begin + timedelta(hours=heard)),) if heard else ()
    episodes = tuple(
        _cramp(number * 9 + index, day, begin + timedelta(minutes=20 + 90 * index), **about) for index in range(cramps)
    )
    return Night(day, spans, episodes, ())


def _cramp(number: int, day: date, onset: datetime, minutes: float = 4, **about: object) -> Episode:
    about = {"site": "calf", "side": "left", "outcome": "gone"} | about
    return Episode(number, day, onset, onset + timedelta(minutes=minutes), **about)  # type: ignore[arg-type]


def a_full_year() -> list[Night]:
    """Return the fullest possible report period: every site, sign, outcome, factor and gap, over 53 weeks."""
    flags = list(load_pack().triage.flags.items())
    factors = [name for name in load_pages().patterns.factors if name not in ("weekend", "since_stretches")]
    nights = []
    for number in range(MAX_NIGHTS):
        night = a_night(number, heard=(8, 8, 8, 2, 0)[number % 5], cramps=(number % 7) % 4)
        episodes = tuple(
            Episode(
                episode.id, episode.night, episode.onset, episode.onset + timedelta(minutes=number % 14),
                site=(*SITES, None)[number % 7], side=("left", "right", "both", None)[number % 4],
                outcome=OUTCOMES[(number + episode.id) % len(OUTCOMES)], severity=number % 11, soreness=number % 5,
                sleep_lost_minutes=number % 120,
                steps=(StepTaken("calf", ("towel-stretch", "massage", "warmth")[number % 3], episode.onset, "eased"),),
            )
            for episode in night.episodes
        )  # fmt: skip
        name, flag = flags[number % len(flags)]
        signs = (RecordedFlag(name, flag.action, night.episodes[0].onset),) if episodes else ()
        tags = {factor: (number * (index + 3)) % 10 < 5 for index, factor in enumerate(factors)}
        nights.append(Night(night.date, night.spans, episodes, signs, tags))
    return nights


def printed(made: Report) -> tuple[PdfReader, str]:
    reader = PdfReader(io.BytesIO(report_pdf(made, load_pages(), MADE)))
    return reader, " ".join(reader.pages[0].extract_text().split())


def squeezed(text: str) -> str:
    """Return ``text`` without spaces, since a PDF has none between blocks."""
    return "".join(text.split())


# Figures


def test_frequencies_are_based_on_observed_nights() -> None:
    nights = [a_night(0, cramps=2), a_night(1), a_night(2, heard=0), a_night(3, heard=2, cramps=1), a_night(4)]
    made = report(nights)
    assert (made.observed, made.partly, made.unheard) == (3, 1, 1)
    assert (made.cramp_nights, made.counted, made.cramps) == (1, 2, 3)
    assert made.per_week == pytest.approx(7 * 2 / 3)
    assert [cell.cramps for cell in made.cells] == [2, 0, 0, 1, 0]


def test_unknown_values_are_left_out_of_the_figures() -> None:
    nights = [a_night(0, cramps=1), a_night(1, cramps=1, outcome="interrupted"), a_night(2, cramps=1, severity=7)]
    made = report(nights)
    assert made.minutes is not None
    assert (made.minutes.known, made.minutes.of, made.open_end) == (2, 3, 1)
    assert made.severity is not None
    assert (made.severity.median, made.severity.known, made.severity.of) == (7, 1, 3)
    assert made.soreness is None
    empty = report([a_night(0, heard=0)])
    assert (empty.per_week, empty.minutes, empty.onset, empty.signs) == (None, None, None, ())


def test_onset_round_midnight() -> None:
    """The median of 23:50 and 0:30 is ten past twelve at night, not noon."""
    day = datetime.combine(FIRST, time(23, 50), UTC)
    episodes = (_cramp(1, FIRST, day), _cramp(2, FIRST, day + timedelta(minutes=40)))
    made = report([Night(FIRST, a_night(0).spans, episodes, ())])
    assert made.onset is not None
    assert (made.onset.low, made.onset.median, made.onset.high) == ("23:50", "00:10", "00:30")


def test_danger_signs_are_sorted_by_urgency_then_latest_first() -> None:
    at = datetime.combine(FIRST, time(23), UTC)
    nights = [
        Night(FIRST, (), (), (RecordedFlag("dangling", "morning", at), RecordedFlag("clot", "urgent", at))),
        Night(
            FIRST + timedelta(days=1), (), (), (RecordedFlag("clot", "urgent", at), RecordedFlag("clot", "urgent", at))
        ),
        Night(FIRST + timedelta(days=2), (), (), (RecordedFlag("chest", "emergency", at),)),
    ]
    signs = report(nights).signs
    assert [(sign.flag, len(sign.nights)) for sign in signs] == [("chest", 1), ("clot", 2), ("dangling", 1)]
    assert signs[1].nights == (FIRST + timedelta(days=1), FIRST)


# One sheet


@pytest.mark.parametrize(
    ("nights", "stated"),
    [
        (a_full_year(), EVERYTHING),
        ([a_night(n, cramps=n % 2) for n in range(84)], Statements()),
        ([a_night(0, heard=0)], Statements()),
    ],
    ids=["full-year", "quarter", "nothing"],
)
def test_the_report_is_one_sheet_of_a4(nights: list[Night], stated: Statements) -> None:
    reader, text = printed(report(nights, stated))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (float(box.width), float(box.height)) == (pytest.approx(595.3, abs=0.5), pytest.approx(841.9, abs=0.5))
    # The last line is present, so nothing was cut off.
    assert text.endswith("A self-report is not a diagnosis.")
    assert f"{len(nights)} nights" in text


def test_the_printed_text() -> None:
    nights = [a_night(n, cramps=int(n % 3 == 0), severity=6) for n in range(30)] + [a_night(30, heard=0)]
    at = datetime.combine(FIRST, time(23), UTC)
    nights[3] = Night(nights[3].date, nights[3].spans, nights[3].episodes, (RecordedFlag("dangling", "morning", at),))
    stated = Statements("Maria Example", "1954", "furosemide", {"urge_to_move": True}, frozenset({"diabetes"}))
    _, text = printed(report(nights, stated))
    for expected in (
        "Maria Example, born 1954",
        "2 Feb 2026 to 4 Mar 2026 · 31 nights",
        "30 nights listened to of 31 (97 %)",
        "10 nights with a cramp of 30 (33 %)",
        "2.3 cramps a week 10 in 30 nights",
        "6 severity 0–10, median",
        "Calf 10 – – 10",
        "Eased by hanging the feet down 1× · 5 Feb",
        "Restless legs",
        "Claudication",
        "Neuropathy",
        "furosemide",
        "diabetes",
        "not answered",
        "Of 31 nights, not listened to: 1;",
        "G47.62",
        "72514-3",
    ):
        assert squeezed(expected) in squeezed(text)


def test_the_chart_shows_every_night_correctly() -> None:
    nights = [a_night(0, cramps=1), a_night(1, cramps=3), a_night(2), a_night(3, heard=2)]
    nights += [a_night(4, heard=2, cramps=1), a_night(5, heard=0)]
    page = report_html(report(nights), load_pages(), MADE)
    chart = page[page.index("<tbody>") : page.index("</tbody>")]
    assert re.findall(r'<i class="(\w+)"[^>]*>(.*?)</i>', chart) == [
        ("cramp", ""), ("cramp", "3"), ("free", ""), ("partly", ""), ("partly", "1"), ("unheard", "·"),
    ]  # fmt: skip
    assert "2/3" in chart


def test_the_page_has_no_scripts_and_fetches_nothing() -> None:
    stated = Statements(name="<script>alert(1)</script>", medicines="<b>a & b</b>")
    page = report_html(report(a_full_year()[:30], stated), load_pages(), MADE)
    assert "<script" not in page
    assert "&lt;b&gt;a &amp; b&lt;/b&gt;" in page
    assert not re.search(r"https?://|url\(|src=|href=", page)


def test_only_the_page_in_the_browser_has_a_way_back() -> None:
    made = (report(a_full_year()[:30]), load_pages(), MADE)
    assert '<a href="/report?back=4w">' in report_html(*made, back="/report?back=4w")
    assert "<nav>" not in report_html(*made)


# Wording


def test_every_printable_value_has_wording() -> None:
    words, pack = load_pages().report, load_pack()
    assert words.flags.keys() >= pack.triage.flags.keys()
    assert words.sites.keys() == set(SITES)
    assert words.course.outcomes.keys() == {*OUTCOMES, "open"}
    assert words.conditions.keys() == {*CONDITIONS} - {"helper"}, "who is at hand at night is nothing for a doctor"
    assert {flag for question in words.questions.values() for flag in question.flags} <= pack.triage.flags.keys()
    assert {question.answered_by for question in words.questions.values()} == {
        "urge_to_move", "pain_on_walking", "numbness", "swelling", "medicines",
    }  # fmt: skip


# The command


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    file = tmp_path / "diary.sqlite"
    with Diary.open(str(file)) as diary:
        for number in range(0, 40, 2):
            begin = datetime.combine(FIRST + timedelta(days=number), time(22), UTC)
            diary.listening(begin, begin + timedelta(hours=8))
            diary.tag(begin.date(), {"walk": number % 3 == 0})
            if number % 4 == 0:
                diary.append("episode_opened", begin + timedelta(hours=3), {"site": "calf", "side": "left"})
                diary.append("episode_closed", begin + timedelta(hours=3, minutes=4), {"outcome": "gone"})
    return file


def nightvoice(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_summary_as_a_report(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTVOICE_REPORT__MEDICINES", "furosemide")
    monkeypatch.setenv("NIGHTVOICE_REPORT__SWELLING", "no")
    monkeypatch.setenv("NIGHTVOICE_PROFILE__DIABETES", "yes")
    until, target = (FIRST + timedelta(days=38)).isoformat(), tmp_path / "report.pdf"
    period = ("summary", "--night", until, "--diary", str(file), "--format")
    done = nightvoice(*period, "pdf", "-o", str(target))
    assert done.output == f"{target}: the nights from 2026-02-02 to 2026-03-12 on one page\n"
    text = " ".join(PdfReader(target).pages[0].extract_text().split())
    assert "2 Feb 2026 to 12 Mar 2026 · 39 nights" in text
    assert squeezed("20 nights listened to of 39 (51 %)") in squeezed(text)
    assert "furosemide" in text
    assert squeezed("blood thinners? diabetes") in squeezed(text)
    # Without a file it goes to standard output; the period can be chosen.
    assert nightvoice(*period, "pdf").stdout_bytes.startswith(b"%PDF-")
    assert "1 Mar 2026 to 12 Mar 2026 · 12 nights" in nightvoice(*period, "html", "--from", "2026-03-01").output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("summary", "--format", "pdf", "--from", "2020-01-01"), "should be about 1 to 371 nights"),
        (("summary", "--format", "html", "--night", "2019-01-01"), "the diary goes from 2026-02-02 to 2026-03-12"),
        (("summary", "--format", "pdf", "--speak"), "--speak: a report is not spoken; leave out --format pdf"),
        (("summary", "--from", "2026-02-02"), "--from: is for a report; add --format pdf"),
        (("patterns", "--from", "2027-01-01"), "the diary goes from 2026-02-02 to 2026-03-12"),
        (("patterns", "--to", "soon"), "--to soon: is not a date; write 2026-03-01, today or yesterday"),
    ],
)
def test_wrong_usage_is_a_one_line_error(file: Path, words: tuple[str, ...], says: str) -> None:
    error = nightvoice(*words, "--diary", str(file)).exception
    assert isinstance(error, NightvoiceError)
    assert says in str(error)
    assert "\n" not in str(error)


def test_patterns_on_the_command_line(file: Path) -> None:
    text = " ".join(nightvoice("patterns", "--method", "--diary", str(file)).output.split())
    assert "I listened to 20 whole nights; 10 of them had a cramp. 19 nights I did not listen." in text
    assert "Newcombe" in text
    data = json.loads(nightvoice("patterns", "--json", "--diary", str(file)).output)
    assert data["nights"] == {"observed": 20, "with_cramp": 10, "heard_in_part": 0, "not_listened": 19}


def test_an_empty_diary_has_no_patterns(tmp_path: Path) -> None:
    Diary.open(str(tmp_path / "empty.sqlite")).close()
    error = nightvoice("patterns", "--diary", str(tmp_path / "empty.sqlite")).exception
    assert isinstance(error, NightvoiceError)
    assert "has no nights yet" in str(error)


def test_a_missing_extra_is_named() -> None:
    with (
        pytest.raises(NightvoiceError, match=r"no_such_thing.*pip install 'nightvoice\[report\]'"),
        require_extra("report"),
    ):
        import no_such_thing  # noqa: F401

"""Renders the report for a doctor on one sheet of A4, as HTML or PDF; its wording is in report.yaml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nightvoice import __version__
from nightvoice.content.pages import Pages
from nightvoice.content.report import ReportQuestion
from nightvoice.errors import NightvoiceError
from nightvoice.insight.coverage import Observation
from nightvoice.insight.night import DAWN, MAX_GAPS, WHOLE_NIGHT
from nightvoice.insight.patterns import MIN_CRAMPS, MIN_NIGHTS, SINCE_STRETCHES, PatternFinding, PatternVerdict
from nightvoice.insight.report import NightCell, Report, ReportedSign, Spread
from nightvoice.system.extras import require_extra

TEMPLATES: Final = Path(__file__).parent / "templates"
SIZES_PT: Final = (9.4, 8.6, 7.8, 7.0, 6.4)
"""Font sizes to try; the largest that fits on one sheet is used."""
FONT: Final = TEMPLATES.parent.parent / "web" / "kit" / "static" / "figtree.woff2"
_FACE: Final = f'@font-face {{ font-family: Figtree; src: url("{FONT.as_uri()}"); }}'
"""CSS that embeds the font in the PDF, so that it looks the same and fits on one page everywhere."""
MAX_SIGNS: Final = 5
MAX_STEPS: Final = 3
MAX_PATTERNS: Final = 4
MAX_DATES: Final = 3

_templates = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True)
class HeadlineFigure:
    """A large number at the top of the page."""

    value: str
    caption: str
    of: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of the calendar."""

    name: str
    cells: Mapping[int, NightCell]
    """Nights by day of the month."""
    share: str
    """Nights with cramps / observed nights, as text."""


def report_html(report: Report, pages: Pages, made: date, size_pt: float = SIZES_PT[0], back: str = "") -> str:
    """Return the page as one HTML document without scripts, for screen and print.

    ``size_pt``: size of the printed letters. ``back``: address of the page to go back to; empty for a file.
    """
    parts = _Page(report, pages, made).parts()
    return _templates.get_template("report.html").render(parts, size_pt=size_pt, back=back)


def report_pdf(report: Report, pages: Pages, made: date) -> bytes:
    """Return the page as a PDF of one A4 sheet. Raises NightvoiceError if its libraries are missing."""
    try:
        with require_extra("report"):
            # Imported here because it loads Pango.
            from weasyprint import CSS, HTML  # noqa: PLC0415
            from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
    except OSError:
        raise NightvoiceError("a PDF needs Pango: sudo apt-get install libpangoft2-1.0-0; or use html") from None
    fonts = FontConfiguration()
    face = CSS(string=_FACE, font_config=fonts)
    for size_pt in SIZES_PT:
        html = HTML(string=report_html(report, pages, made, size_pt))
        document = html.render(stylesheets=[face], font_config=fonts)
        if len(document.pages) == 1:
            break
    return bytes(document.write_pdf(pdf_tags=True))


class _Page:
    def __init__(self, report: Report, pages: Pages, made: date) -> None:
        self._report, self._made = report, made
        self._words, self._factors, self._steps = pages.report, pages.patterns, pages.morning.steps

    def parts(self) -> dict[str, Any]:
        """Return the variables of the template."""
        words, report = self._words, self._report
        return {
            "words": words,
            "person": self._person(),
            "period": words.period.format(
                since=self._day(report.since),
                until=self._day(report.until),
                nights=words.nights.format(len(report.cells)),
            ),
            "made": words.made.format(made=self._day(self._made), version=__version__),
            "figures": list(self._figures()),
            "months": list(self._months()),
            "Observation": Observation,
            "places": self._places(),
            "course": list(self._course()),
            "signs": [self._sign(sign) for sign in report.signs[:MAX_SIGNS]],
            "more_signs": words.more_signs.format(count=len(report.signs) - MAX_SIGNS)
            if len(report.signs) > MAX_SIGNS
            else "",
            "questions": [(question, self._answer(question)) for question in words.questions.values()],
            "conditions": ", ".join(
                text for name, text in words.conditions.items() if name in report.stated.conditions
            ),
            "patterns": list(self._patterns()),
            "missing": list(self._missing()),
            "method": words.method.format(
                hours=int(WHOLE_NIGHT / timedelta(hours=1)),
                dawn=f"{DAWN:%H:%M}",
                gaps=int(MAX_GAPS / timedelta(hours=1)),
                looked_at=report.patterns.compared,
            ),
        }

    def _person(self) -> str:
        stated = self._report.stated
        parts = [
            self._words.person.format(name=stated.name) if stated.name else "",
            self._words.born.format(born=stated.born) if stated.born else "",
        ]
        return ", ".join(part for part in parts if part)

    def _figures(self) -> Iterator[HeadlineFigure]:
        words, report = self._words.figures, self._report
        nights = len(report.cells)
        yield HeadlineFigure(
            str(report.observed),
            words.observed,
            words.observed_of.format(nights=nights, share=_percent(report.observed, nights)),
        )
        share = _percent(report.cramp_nights, report.observed)
        yield HeadlineFigure(
            str(report.cramp_nights),
            words.cramp_nights,
            words.cramp_nights_of.format(observed=report.observed, share=share),
        )
        per_week = "–" if report.per_week is None else f"{report.per_week:.1f}"
        yield HeadlineFigure(
            per_week, words.a_week, words.a_week_of.format(cramps=report.counted, observed=report.observed)
        )
        yield self._spread(report.minutes, words.minutes)
        yield self._spread(report.severity, words.severity)
        yield self._spread(report.sleep_lost, words.sleep_lost)

    def _spread(self, spread: Spread | None, caption: str) -> HeadlineFigure:
        words = self._words.figures
        if spread is None:
            return HeadlineFigure("–", caption, words.unknown.format(of=self._report.cramps))
        of = words.of_known.format(low=_plain(spread.low), high=_plain(spread.high), known=spread.known, of=spread.of)
        return HeadlineFigure(_plain(spread.median), caption, of)

    def _months(self) -> Iterator[MonthRow]:
        months: dict[tuple[int, int], dict[int, NightCell]] = {}
        for cell in self._report.cells:
            months.setdefault((cell.date.year, cell.date.month), {})[cell.date.day] = cell
        for (year, month), cells in months.items():
            heard = [cell.cramps > 0 for cell in cells.values() if cell.observation is Observation.OBSERVED]
            yield MonthRow(f"{self._words.months[month - 1]} {year}", cells, f"{sum(heard)}/{len(heard)}")

    def _places(self) -> list[tuple[str, tuple[int, int, int, int]]]:
        """Return the number of cramps by site: left, right, other and total."""
        words = self._words
        return [
            (
                words.sites.get(count.site, count.site) if count.site else words.site_unknown,
                (count.left, count.right, count.other, count.total),
            )
            for count in self._report.sites
        ]

    def _course(self) -> Iterator[str]:
        words, report = self._words.course, self._report
        if report.counted:
            yield words.awake.format(cramps=report.counted, nights=report.cramp_nights, observed=report.observed)
        if report.onset:
            yield words.onset.format(median=report.onset.median, low=report.onset.low, high=report.onset.high)
        if report.minutes:
            yield words.over_ten.format(over=report.long, known=report.minutes.known)
        if report.soreness:
            sore = report.soreness
            yield words.soreness.format(
                median=_plain(sore.median), low=_plain(sore.low), high=_plain(sore.high), known=sore.known, of=sore.of
            )
        eased = [remedy for remedy in report.remedies if remedy.eased][:MAX_STEPS]
        if eased:
            steps = [
                words.eased_of.format(step=self._steps.get(it.step, it.step), eased=it.eased, known=it.known)
                for it in eased
            ]
            yield words.eased.format(steps=", ".join(steps))
        elif report.cramps:
            yield words.eased_none
        if report.outcomes:
            ends = [f"{words.outcomes.get(name, name)} {count}" for name, count in report.outcomes.items()]
            yield words.outcome.format(outcomes=", ".join(ends))

    def _sign(self, sign: ReportedSign) -> tuple[str, str]:
        """Return the name of a reported danger sign, and its count and dates."""
        days = ", ".join(self._short(day) for day in sign.nights[:MAX_DATES])
        more = " …" if len(sign.nights) > MAX_DATES else ""
        return self._words.flags.get(sign.flag, sign.flag), f"{len(sign.nights)}× · {days}{more}"

    def _answer(self, question: ReportQuestion) -> str:
        words, stated = self._words.stated, self._report.stated
        if question.answered_by == "medicines":
            return stated.medicines or words.none
        said = stated.answers.get(question.answered_by)
        answer = words.unanswered if said is None else words.affirmed if said else words.denied
        reports = [
            words.told.format(sign=self._words.flags.get(sign.flag, sign.flag), times=len(sign.nights))
            for sign in self._report.signs
            if sign.flag in question.flags
        ]
        return "; ".join([answer, *reports])

    def _patterns(self) -> Iterator[str]:
        words, found = self._words.patterns, self._report.patterns
        if not found.enough:
            yield words.not_enough.format(min_nights=MIN_NIGHTS, min_cramps=MIN_CRAMPS)
            return
        factors = [finding for finding in found.findings if finding.factor != SINCE_STRETCHES]
        clear = [
            finding
            for finding in factors
            if finding.verdict in (PatternVerdict.MORE, PatternVerdict.LESS, PatternVerdict.ALIKE)
        ]
        if not found.of(PatternVerdict.MORE, PatternVerdict.LESS):
            yield words.nothing.format(looked_at=found.compared)
        for finding in clear[:MAX_PATTERNS]:
            yield self._pattern(finding, getattr(words, finding.verdict.value))
        for finding in found.findings:
            if finding.factor == SINCE_STRETCHES and finding.difference:
                yield self._pattern(finding, words.before_after)
        unclear = [self._factors.factor(finding.factor).label for finding in factors if finding not in clear]
        if unclear:
            yield words.unclear.format(labels=", ".join(unclear))

    def _pattern(self, finding: PatternFinding, sentence: str) -> str:
        assert finding.difference is not None
        return sentence.format(
            label=self._factors.factor(finding.factor).label,
            cramps=finding.given.cramps,
            nights=finding.given.nights,
            other_cramps=finding.otherwise.cramps,
            other_nights=finding.otherwise.nights,
            low=_signed(finding.difference.low),
            high=_signed(finding.difference.high),
        )

    def _missing(self) -> Iterator[str]:
        words, report = self._words.missing, self._report
        if report.unheard or report.partly:
            yield words.nights.format(unheard=report.unheard, partly=report.partly, nights=len(report.cells))
        else:
            yield words.all_heard
        elsewhere = report.cramps - report.counted
        if elsewhere:
            yield words.elsewhere.format(elsewhere=elsewhere, cramps=report.cramps)
        if report.told_later:
            yield words.told_later.format(told_later=report.told_later, cramps=report.cramps)
        if report.open_end:
            yield words.open_end.format(open_end=report.open_end, cramps=report.cramps)
        unrated = report.cramps - (report.severity.known if report.severity else 0)
        if unrated:
            yield words.unrated.format(unrated=unrated, cramps=report.cramps)
        yield words.no_record

    def _day(self, day: date) -> str:
        return f"{self._short(day)} {day.year}"

    def _short(self, day: date) -> str:
        return f"{day.day} {self._words.months[day.month - 1]}"


def _percent(part: int, of: int) -> str:
    return str(round(100 * part / of)) if of else "–"


def _plain(value: float) -> str:
    """Format a number like ``4`` or ``4.5``; below one as ``<1``."""
    return "<1" if 0 < value < 1 else f"{round(value, 1):g}" if value < 10 else str(round(value))


def _signed(share: float) -> str:
    """Format a difference in percentage points, like ``+12`` or ``−3``."""
    return f"{round(100 * share):+d}".replace("-", "−")

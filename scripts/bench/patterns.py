"""Patterns of simulated people whose truth is known: how often chance is taken for a pattern, how often a pattern is
found, and what a simpler diary would find. Then the times on ten years of diary. Prints one JSON object last."""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.stats import fisher_exact

from nightvoice.config.schema import Config
from nightvoice.content.pages import load_pages
from nightvoice.diary.store import Diary
from nightvoice.insight.patterns import (
    FALSE_DISCOVERY_RATE,
    MIN_PER_GROUP,
    PatternFinding,
    PatternVerdict,
    find,
    patterns,
)
from nightvoice.insight.report import report_of
from nightvoice.insight.report_page import report_html, report_pdf
from scripts.bench.long_diary import NIGHTS as LONG_NIGHTS
from scripts.bench.long_diary import make
from scripts.bench.people import CAUSE, EFFECTS, Missing, Person, person, true_difference

NIGHTS = (30, 90, 365)
MISSING: tuple[Missing, ...] = ("none", "some", "linked")
TOGETHER = (PatternVerdict.MORE, PatternVerdict.LESS)


@dataclass
class Tally:
    """Findings for one kind of person."""

    people: int = 0
    silent: int = 0
    """Too few nights or cramps to say anything."""
    false_share: list[float] = field(default_factory=list)
    """False discovery proportion of each person."""
    naive_false_share: list[float] = field(default_factory=list)
    found: int = 0
    wrong_way: int = 0
    alike: int = 0
    """Factors without effect that were called alike, of ``without``."""
    without: int = 0
    missed: int = 0
    """The true cause called alike."""
    covered: list[bool] = field(default_factory=list)
    """Whether a 95 % interval holds the truth."""
    widths: list[float] = field(default_factory=list)
    """Half the width of the interval of the cause."""

    def add(self, someone: Person, effect: str, truth: float) -> None:
        seen = find(someone.days)
        self.people += 1
        self.silent += not seen.enough
        found = {finding.factor: finding for finding in seen.of(*TOGETHER)}
        true = found.get(CAUSE) if effect != "none" else None
        self.false_share.append((len(found) - (true is not None)) / max(1, len(found)))
        self.found += true is not None and true.verdict is PatternVerdict.MORE
        self.wrong_way += true is not None and true.verdict is PatternVerdict.LESS
        for finding in seen.findings:
            self._look(finding, truth if finding.factor == CAUSE else 0.0, effect)
        naive = set(_naive(someone))
        self.naive_false_share.append(len(naive - ({CAUSE} if effect != "none" else set())) / max(1, len(naive)))

    def _look(self, finding: PatternFinding, truth: float, effect: str) -> None:
        if finding.difference is None:
            return
        if finding.verdict not in TOGETHER:
            self.covered.append(finding.difference.low <= truth <= finding.difference.high)
        if finding.factor == CAUSE:
            self.widths.append((finding.difference.high - finding.difference.low) / 2)
        if finding.factor == CAUSE and effect != "none":
            self.missed += finding.verdict is PatternVerdict.ALIKE
        else:
            self.without += 1
            self.alike += finding.verdict is PatternVerdict.ALIKE

    def result(self) -> dict[str, Any]:
        return {
            "people": self.people,
            "said_nothing": round(self.silent / self.people, 3),
            "false_discovery_rate": round(fmean(self.false_share), 4),
            "naive_false_discovery_rate": round(fmean(self.naive_false_share), 4),
            "power": round(self.found / self.people, 3),
            "wrong_direction": self.wrong_way,
            "called_alike_rightly": round(self.alike / max(1, self.without), 3),
            "called_alike_wrongly": round(self.missed / self.people, 4),
            "half_width_points": round(100 * median(self.widths)) if self.widths else None,
            "coverage_where_nothing_was_found": round(fmean(self.covered), 3) if self.covered else None,
        }


def _naive(someone: Person) -> Iterator[str]:
    """What a simpler diary finds: a night not listened to is a free one, an unanswered tag is a no, and each factor is
    tested at 5 % as if it were the only one and nights did not depend on each other."""
    names = {name for day in someone.days for name in day.factors}
    for name in names:
        table = np.zeros((2, 2), int)
        for day in someone.days:
            table[int(day.factors.get(name, False)), int(bool(day.cramp))] += 1
        if table.sum(axis=1).min() >= MIN_PER_GROUP and fisher_exact(table).pvalue <= FALSE_DISCOVERY_RATE:
            yield name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=400, help="simulated for each row")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console(stderr=True)
    console.width = max(console.width, 100)
    table = Table(
        title=f"{options.people} simulated people a row; goal: false discoveries ≤ {FALSE_DISCOVERY_RATE:.0%}"
    )
    for title in (
        "nights",
        "effect",
        "not listened",
        "false",
        "simpler diary",
        "power",
        "± points",
        "alike",
        "covered",
    ):
        table.add_column(title, justify="right")
    rows: list[dict[str, Any]] = []
    kinds = [(nights, effect, missing) for nights in NIGHTS for effect in EFFECTS for missing in MISSING]
    for nights, effect, missing in track(kinds, "simulating", console=console):
        random = np.random.default_rng([options.seed, nights, list(EFFECTS).index(effect), MISSING.index(missing)])
        tally, truth = Tally(), true_difference(effect)
        for _ in range(options.people):
            tally.add(person(nights, effect, missing, random), effect, truth)
        row = {"nights": nights, "effect": effect, "missing": missing, **tally.result()}
        rows.append(row)
        table.add_row(
            str(nights),
            effect,
            missing,
            f"{row['false_discovery_rate']:.1%}",
            f"{row['naive_false_discovery_rate']:.1%}",
            "" if effect == "none" else f"{row['power']:.0%}",
            str(row["half_width_points"]),
            f"{row['called_alike_rightly']:.0%}",
            f"{row['coverage_where_nothing_was_found']:.1%}",
        )
    console.print(table)
    worst = max(rows, key=lambda row: float(row["false_discovery_rate"]))
    result = {
        "worst_false_discovery_rate": worst["false_discovery_rate"],
        "worst_naive_false_discovery_rate": max(row["naive_false_discovery_rate"] for row in rows),
        "true_difference": {effect: round(true_difference(effect), 3) for effect in EFFECTS},
        "rows": rows,
        "ever_false_in_a_year_of_weekly_looks": _weekly_looks(max(1, options.people // 4), options.seed, console),
        **_ten_years(),
    }
    print(json.dumps(result))


def _weekly_looks(people: int, seed: int, console: Console) -> float:
    """Share of people without any pattern who see one at least once when they look every week for a year."""
    random = np.random.default_rng([seed, 52])
    ever = 0
    for _ in track(range(people), "looking every week", console=console):
        days = person(364, "none", "some", random).days
        ever += any(find(days[:until]).of(*TOGETHER) for until in range(28, 365, 7))
    return ever / people


def _ten_years() -> dict[str, float]:
    """Milliseconds on the diary of ``long_diary.py``: patterns of all of it, and the page for its last year."""
    pages, today = load_pages(), date(2026, 6, 1)
    until = today - timedelta(days=1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "diary.sqlite"
        make(file, last=until)
        with Diary.open(str(file)) as diary:
            first = until - timedelta(days=LONG_NIGHTS - 1)
            year = report_of(diary, Config(), until - timedelta(days=364), until)
            return {
                "read_ten_years_ms": _ms(lambda: diary.nights(first, until)),
                "read_and_find_in_ten_years_ms": _ms(lambda: patterns(diary.nights(first, until))),
                "read_and_report_year_ms": _ms(lambda: report_of(diary, Config(), until - timedelta(days=364), until)),
                "html_of_year_ms": _ms(lambda: report_html(year, pages, today)),
                "pdf_of_year_ms": _ms(lambda: report_pdf(year, pages, today)),
            }


def _ms(act: Callable[[], object]) -> float:
    """Median of five runs."""
    times = []
    for _ in range(5):
        began = perf_counter()
        act()
        times.append(1000 * (perf_counter() - began))
    return round(median(times), 1)


if __name__ == "__main__":
    main()

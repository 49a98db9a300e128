"""Puts patterns into words, for a page or a terminal; their wording is in patterns.yaml."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from nightvoice.content.pages import Pages
from nightvoice.content.patterns import PatternWords
from nightvoice.insight.night import DAWN, WHOLE_NIGHT
from nightvoice.insight.patterns import (
    MIN_CRAMPS,
    MIN_NIGHTS,
    MIN_PER_GROUP,
    SINCE_STRETCHES,
    PatternFinding,
    Patterns,
    PatternVerdict,
)


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding in words."""

    label: str
    text: str
    claim: str | None
    """Claim about the factor in general, if any."""
    finding: PatternFinding
    mark: str
    """The difference in nights per hundred, such as "12 more"; empty if not compared."""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings with the same verdict."""

    verdict: PatternVerdict
    heading: str
    items: tuple[FindingText, ...]


@dataclass(frozen=True, slots=True)
class PatternText:
    """Patterns in words, in display order."""

    title: str
    answer: str
    """What stands out, in one line; empty if nothing was compared."""
    intro: tuple[str, ...]
    """Sentences on the nights used, the nights left out, and whether there are enough."""
    marks: str
    """Explains the marks of the findings."""
    no_difference: str
    groups: tuple[FindingGroup, ...]
    caution: str
    caution_claim: str
    method_title: str
    method: tuple[str, ...]


def tell_patterns(found: Patterns, pages: Pages) -> PatternText:
    """Return ``found`` in words."""
    words = pages.patterns
    return PatternText(
        title=words.title,
        answer=" ".join(_answer(found, words)),
        intro=tuple(_intro(found, words, pages.morning.months)),
        marks=words.marks,
        no_difference=words.no_difference,
        groups=tuple(_groups(found, words)) if found.enough else (),
        caution=words.caution,
        caution_claim=words.caution_claim,
        method_title=words.method_title,
        method=tuple(
            text.format(hours=int(WHOLE_NIGHT.total_seconds() // 3600), dawn=f"{DAWN.hour}:00", min_each=MIN_PER_GROUP)
            for text in words.method
        ),
    )


def patterns_json(found: Patterns, wording: PatternText) -> dict[str, Any]:
    """Return ``found`` as plain data; the keys are a contract."""
    texts = {item.finding.factor: item for group in wording.groups for item in group.items}
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "nights": {
            "observed": found.observed,
            "with_cramp": found.cramps,
            "heard_in_part": found.partly,
            "not_listened": found.unheard,
        },
        "enough": found.enough,
        "looked_at": found.compared,
        "findings": [
            {
                "factor": finding.factor,
                "verdict": finding.verdict.value,
                "with": asdict(finding.given),
                "without": asdict(finding.otherwise),
                "difference": finding.difference and asdict(finding.difference),
                "p_corrected": finding.p,
                "runs": finding.design_effect,
                "text": texts[finding.factor].text if finding.factor in texts else None,
                "claim": texts[finding.factor].claim if finding.factor in texts else None,
            }
            for finding in found.findings
        ],
        "text": [*wording.intro, *([wording.answer] if wording.answer else []), wording.caution],
        "method": list(wording.method),
    }


def _answer(found: Patterns, words: PatternWords) -> Iterator[str]:
    if not found.compared:
        return
    for verdict, sentence in ((PatternVerdict.MORE, words.answer_more), (PatternVerdict.LESS, words.answer_less)):
        labels = [words.factor(finding.factor).label for finding in found.of(verdict)]
        if labels:
            *most, last = (label[:1].lower() + label[1:] for label in labels)
            yield sentence.format(factors=words.and_.join([", ".join(most), last] if most else [last]))
    if not found.of(PatternVerdict.MORE, PatternVerdict.LESS):
        yield words.nothing


def _intro(found: Patterns, words: PatternWords, months: Sequence[str]) -> Iterator[str]:
    def written(day: date) -> str:
        return words.date.format(day=day.day, month=months[day.month - 1], year=day.year)

    if not found.enough:
        yield words.not_enough.format(
            min_nights=MIN_NIGHTS, min_cramps=MIN_CRAMPS, observed=found.observed, cramps=found.cramps
        )
    else:
        yield words.based_on.format(
            since=written(found.since), until=written(found.until), observed=found.observed, cramps=found.cramps
        )
    if found.partly:
        yield words.partly.format(found.partly)
    if found.unheard:
        yield words.unheard.format(found.unheard)
    if found.partly or found.unheard:
        yield words.left_out
    if found.compared:
        yield words.looked_at.format(found.compared)


def _groups(found: Patterns, words: PatternWords) -> Iterator[FindingGroup]:
    for verdict in PatternVerdict:
        items = tuple(_item(finding, words) for finding in found.of(verdict))
        if items:
            yield FindingGroup(verdict, getattr(words.headings, verdict.value), items)


def _item(finding: PatternFinding, words: PatternWords) -> FindingText:
    factor = words.factor(finding.factor)
    text = getattr(words.sentences, finding.verdict.value).format(
        given=factor.given,
        otherwise=factor.otherwise,
        cramps=finding.given.cramps,
        nights=finding.given.nights,
        other_cramps=finding.otherwise.cramps,
        other_nights=finding.otherwise.nights,
        **_range(finding, words),
    )
    if finding.factor == SINCE_STRETCHES and finding.difference:
        text += " " + words.before_after
    mark = _signed(round(100 * finding.difference.estimate), words) if finding.difference else ""
    return FindingText(factor.label, text, factor.claim, finding, mark)


def _range(finding: PatternFinding, words: PatternWords) -> dict[str, str]:
    """Return the bounds of the difference in nights per hundred, lower first; signed if the direction is uncertain."""
    if finding.difference is None:
        return {"low": "", "high": ""}
    low, high = (round(100 * bound) for bound in (finding.difference.low, finding.difference.high))
    match finding.verdict:
        case PatternVerdict.MORE:
            return {"low": str(low), "high": str(high)}
        case PatternVerdict.LESS:
            return {"low": str(-high), "high": str(-low)}
        case _:
            return {"low": _signed(low, words), "high": _signed(high, words)}


def _signed(count: int, words: PatternWords) -> str:
    return (words.fewer if count < 0 else words.more).format(count=abs(count))

"""Puts a night into words: selects and orders the sentences, whose wording is in morning.yaml."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightvoice.content.countries import NO_COUNTRY, HelpNumbers
from nightvoice.content.loader import load_narrative_pack
from nightvoice.content.morning import OTHER_FLAG
from nightvoice.content.narrative_pack import NarrativePack
from nightvoice.diary.episode import RecordedFlag, StepTaken
from nightvoice.insight.night import Coverage, Cramp, NightSummary


@dataclass(frozen=True, slots=True)
class NarrativeLine:
    """One or two sentences spoken together, or a danger sign with its advice."""

    text: str
    claim: str | None = None
    """Claim behind a clinical statement; None for other lines."""


def tell(
    summary: NightSummary, pack: NarrativePack | None = None, numbers: HelpNumbers = NO_COUNTRY, earlier: bool = False
) -> list[NarrativeLine]:
    """Return ``summary`` in words, to be spoken or read. ``earlier``: it was not last night."""
    return list(_Narrator(pack or load_narrative_pack(), numbers).lines(summary, earlier))


def headline(summary: NightSummary, pack: NarrativePack) -> str:
    """Return one line that says how bad the night was."""
    return _capital(", ".join(_Narrator(pack, NO_COUNTRY).headline(summary))) + "."


def as_text(lines: Sequence[NarrativeLine]) -> str:
    """Return the lines as one paragraph."""
    return " ".join(line.text for line in lines)


def as_json(summary: NightSummary, lines: Sequence[NarrativeLine]) -> dict[str, Any]:
    """Return the night as plain data; the keys are a contract."""
    return {
        "night": summary.date.isoformat(),
        "listened_h": round(summary.listened / timedelta(hours=1), 2),
        "coverage": summary.coverage.value,
        "gaps": [{"start": gap.start.isoformat(), "end": gap.end.isoformat()} for gap in summary.gaps],
        "cramps": len(summary.cramps),
        "episodes": [_episode_json(cramp) for cramp in summary.cramps],
        "flags": [flag._asdict() | {"at": flag.at.isoformat()} for flag in summary.flags],
        "text": as_text(lines),
    }


def _episode_json(cramp: Cramp) -> dict[str, Any]:
    episode = cramp.episode
    return {
        "id": episode.id,
        "onset": episode.onset.isoformat(),
        "ended": episode.ended and episode.ended.isoformat(),
        "minutes": None if cramp.minutes is None else round(cramp.minutes, 1),
        "site": episode.site,
        "side": episode.side,
        "eased_by": cramp.eased_by and cramp.eased_by.step,
        "outcome": episode.outcome,
        "severity": episode.severity,
        "soreness": episode.soreness,
        "sleep_lost_minutes": episode.sleep_lost_minutes,
        "notes": episode.notes,
        "told_later": episode.told_later,
        "flags": [flag.flag for flag in episode.flags],
    }


class _Narrator:
    def __init__(self, pack: NarrativePack, numbers: HelpNumbers) -> None:
        self._pack = pack
        self._words = pack.morning
        self._calls = pack.phrases.routes.placeholders(numbers)

    def lines(self, summary: NightSummary, earlier: bool) -> Iterator[NarrativeLine]:
        words = self._words
        date = summary.date
        yield NarrativeLine(
            words.earlier.format(month=words.months[date.month - 1], day=date.day) if earlier else words.greeting
        )
        yield from (self._flag(flag) for flag in summary.flags)
        yield from self._cramps(summary.cramps)
        yield from () if earlier else self._soreness(summary)
        yield from self._listened(summary, words.that_night if earlier else words.last_night)

    def headline(self, summary: NightSummary) -> Iterator[str]:
        words = self._words.headline
        cramps = summary.cramps
        partly = summary.coverage in (Coverage.GAPS, Coverage.PART) and not summary.has_few_gaps
        if cramps:
            yield words.one if len(cramps) == 1 else words.many.format(count=self._number(len(cramps)))
            yield from self._how_bad(cramps)
        elif summary.coverage is Coverage.NONE:
            yield words.unknown
        else:
            yield words.no_cramp
            if partly:
                yield words.part
        if any(flag.status != "withdrawn" for flag in summary.flags):
            yield words.flag

    def _how_bad(self, cramps: Sequence[Cramp]) -> Iterator[str]:
        words = self._words.headline
        minutes = [cramp.minutes for cramp in cramps if cramp.minutes is not None]
        if any(cramp.episode.outcome == "escalated" for cramp in cramps):
            yield words.not_over
        elif len(minutes) == len(cramps):
            lasted = words.lasted if len(cramps) == 1 else words.lasted_together
            yield lasted.format(duration=self._duration(timedelta(minutes=sum(minutes))))
        rated = [cramp.episode.severity for cramp in cramps if cramp.episode.severity is not None]
        if rated:
            yield words.worst.format(severity=max(rated))
        lost = sum(cramp.episode.sleep_lost_minutes or 0 for cramp in cramps)
        if lost:
            yield words.sleep_lost.format(duration=self._duration(timedelta(minutes=lost)))

    def _flag(self, flag: RecordedFlag) -> NarrativeLine:
        words = self._words
        known = self._pack.triage.flags.get(flag.flag)
        if flag.status == "withdrawn":
            return NarrativeLine(words.withdrawn, words.other_claim)
        if flag.status == "unconfirmed" and known is not None and known.ask:
            return NarrativeLine(words.unconfirmed.format(question=known.ask, **self._calls), known.claim)
        if known is None or flag.flag not in words.flags:
            return NarrativeLine(words.flags[OTHER_FLAG].format(**self._calls), words.other_claim)
        return NarrativeLine(words.flags[flag.flag].format(**self._calls), known.claim)

    def _cramps(self, cramps: Sequence[Cramp]) -> Iterator[NarrativeLine]:
        sentences = self._words.cramps
        match cramps:
            case []:
                pass
            case [cramp]:
                yield NarrativeLine(
                    sentences.one.format(time=self._time(cramp.episode.onset), place=self._place(cramp))
                )
                ending, claim = self._ending(cramp)
                yield NarrativeLine(_capital(ending) + ".", claim)
            case [_, _]:
                yield NarrativeLine(sentences.two)
                for cramp, sentence in zip(cramps, sentences.of_two, strict=True):
                    ending, claim = self._ending(cramp)
                    time = self._time(cramp.episode.onset)
                    yield NarrativeLine(sentence.format(time=time, place=self._place(cramp), ending=ending), claim)
            case _:
                yield from self._several(cramps)
        yield from self._told_later(cramps)

    def _soreness(self, summary: NightSummary) -> Iterator[NarrativeLine]:
        over = any(cramp.episode.outcome in ("gone", "eased") for cramp in summary.cramps)
        if over and not summary.flags:
            yield NarrativeLine(self._words.soreness.say, self._words.soreness.claim)

    def _told_later(self, cramps: Sequence[Cramp]) -> Iterator[NarrativeLine]:
        sentences = self._words.cramps
        count = sum(cramp.episode.told_later for cramp in cramps)
        if count and count == len(cramps):
            yield NarrativeLine(sentences.told_later if count == 1 else sentences.all_told_later)
        elif count:
            yield NarrativeLine(sentences.some_told_later.format(many=_capital(self._number(count))))

    def _several(self, cramps: Sequence[Cramp]) -> Iterator[NarrativeLine]:
        sentences = self._words.cramps
        (place, many), *_ = Counter(self._place(cramp) for cramp in cramps).most_common(1)
        if not place or many == 1:
            sentence = sentences.several
        else:
            sentence = sentences.several_all if many == len(cramps) else sentences.several_at
        yield NarrativeLine(
            sentence.format(
                count=self._number(len(cramps)),
                **{"from": self._time(cramps[0].episode.onset), "to": self._time(cramps[-1].episode.onset)},
                many=self._number(many),
                place=place.removeprefix(","),
            )
        )
        known = [cramp.minutes for cramp in cramps if cramp.minutes is not None]
        if known:
            yield NarrativeLine(sentences.longest.format(duration=self._duration(timedelta(minutes=max(known)))))
        eased = [step for cramp in cramps if (step := cramp.eased_by) and step.step in self._words.steps]
        if eased:
            (name, times), *_ = Counter(step.step for step in eased).most_common(1)
            text = sentences.eased_most.format(step=self._words.steps[name], many=self._number(times))
            yield NarrativeLine(_capital(text), next(self._claim(step) for step in eased if step.step == name))

    def _listened(self, summary: NightSummary, when: str) -> Iterator[NarrativeLine]:
        sentences = self._words.listened
        cramps = bool(summary.cramps)
        match summary.coverage:
            case Coverage.WHOLE:
                sentence = "" if cramps else sentences.all_and_no_cramp
            case Coverage.GAPS if summary.has_few_gaps:
                sentence = sentences.few_gaps if cramps else sentences.few_gaps_and_no_cramp
            case Coverage.GAPS:
                sentence = sentences.gaps if cramps else sentences.gaps_and_no_cramp
            case Coverage.PART:
                sentence = sentences.part if cramps else sentences.part_and_no_cramp
            case Coverage.NONE:
                told_later = all(cramp.episode.told_later for cramp in summary.cramps)
                with_cramps = sentences.none_but_told_later if told_later else sentences.unknown
                sentence = with_cramps if cramps else sentences.none
        if sentence:
            times = {"from": summary.began, "to": summary.ended}
            yield NarrativeLine(
                sentence.format(
                    when=when,
                    listened=self._duration(summary.listened),
                    missing=self._duration(summary.missing),
                    **{name: self._time(at) if at else "" for name, at in times.items()},
                )
            )

    def _ending(self, cramp: Cramp) -> tuple[str, str | None]:
        """Return the sentence about the cramp's end, and the claim of the step it names, if any."""
        endings = self._words.endings
        outcome = cramp.episode.outcome or ("told_later" if cramp.episode.told_later else "open")
        duration = self._duration(timedelta(minutes=cramp.minutes or 0))
        if outcome not in ("gone", "eased"):
            text: str = getattr(endings, outcome, endings.open)
            return text.format(duration=duration), None
        if cramp.eased_by is None or cramp.eased_by.step not in self._words.steps:
            return endings.over.format(duration=duration), None
        step = self._words.steps[cramp.eased_by.step]
        return endings.over_by.format(duration=duration, step=step), self._claim(cramp.eased_by)

    def _claim(self, done: StepTaken) -> str | None:
        """Return the claim of a step; None if the protocols no longer contain it."""
        steps = self._pack.protocols.get(done.protocol, ())
        return next((step.claim for step in steps if step.id == done.step), None)

    def _place(self, cramp: Cramp) -> str:
        place = next((place for site, place in self._pack.phrases.places.items() if site == cramp.episode.site), None)
        return "" if place is None else self._words.where.format(place=place.for_side(cramp.episode.side))

    def _time(self, at: datetime) -> str:
        clock = self._words.clock
        hour = at.hour if clock.hours == 24 else (at.hour - 1) % 12 + 1
        text = (clock.at if at.minute else clock.sharp).format(hour=hour, minute=f"{at.minute:02}")
        return clock.afternoon.format(time=text) if clock.hours == 12 and 12 <= at.hour < 18 else text

    def _duration(self, length: timedelta) -> str:
        words = self._words.durations
        minutes = round(length / timedelta(minutes=1))
        if minutes < 1:
            return words.instant
        if minutes >= 90:
            hours = round(minutes / 60)
            return words.hours.format(count=self._number(hours))
        return words.minute if minutes == 1 else words.minutes.format(count=self._number(minutes))

    def _number(self, count: int) -> str:
        return self._words.numbers[count] if count < len(self._words.numbers) else str(count)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Every text that the guide can speak, so that all are rendered before the night."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from nightvoice.content.countries import HelpNumbers
from nightvoice.content.phrases import SitePhrases
from nightvoice.content.schema import SITES, Pack, Site, Step

HALF_AN_HOUR = 30
"""Largest number of minutes that is spoken as a number."""


def prompts(pack: Pack, numbers: HelpNumbers) -> list[str]:
    """Return each text of ``pack`` once, placeholders filled, in a stable order."""
    phrases, triage = pack.phrases, pack.triage
    steps = [step for protocol in pack.protocols.values() for step in protocol]
    answers = [flag.then for flag in triage.flags.values() if flag.then]
    values = _values(pack, steps, answers)
    texts: list[str] = []
    for variants in phrases.talk.values():
        texts += _filled(variants, values)
    dangers = [flag.ask for flag in triage.flags.values() if flag.ask]
    confirms = [text for step in steps for text in step.confirm or ()]
    for key, question in phrases.questions.items():
        wordings = (*question.ask, *question.no_input, *question.no_match)
        texts += _filled(wordings, values | {"question": dangers if key == "danger" else confirms})
    texts += [text for advice in phrases.advice.values() for text in advice.say]
    texts += answers
    for flag in triage.flags.values():
        texts += [text for words in (flag.say, *flag.say_with.values(), *flag.say_after.values()) for text in words]
    for step in (*steps, *pack.stretches):
        texts += [*step.say, *step.again]
    texts += phrases.counts
    texts += pack.check_in.texts()
    texts += pack.profile.texts()
    texts += [text for tip in pack.tips for text in tip.say]
    calls = {name: [text] for name, text in phrases.routes.placeholders(numbers.spoken()).items()}
    return list(dict.fromkeys(_filled(texts, calls)))


def _values(pack: Pack, steps: Iterable[Step], answers: list[str]) -> dict[str, list[str]]:
    """Return the possible values of each placeholder."""
    numbers, most = list(pack.phrases.counts), max(step.times for step in (*steps, *pack.stretches))
    return {
        "place": _by_side(pack.phrases.places),
        "place_name": _by_side(pack.phrases.place_names),
        "step": list(dict.fromkeys(pack.morning.steps[step.id] for step in steps)),
        "hold": numbers[:most],
        "holds": numbers[:most],
        "count": numbers,
        "hour": numbers[:12],
        "next_hour": numbers[:12],
        "minutes": numbers[:HALF_AN_HOUR],
        "answer": answers,
    }


def _by_side(places: Mapping[Site, SitePhrases]) -> list[str]:
    return [places[site].for_side(side) for site in SITES for side in (None, "left", "right", "both")]


def _filled(variants: Iterable[str], values: Mapping[str, list[str]]) -> Iterator[str]:
    for text in variants:
        names = [name for name in values if "{" + name + "}" in text]
        for chosen in product(*(values[name] for name in names)):
            filled = text
            for name, value in zip(names, chosen, strict=True):
                filled = filled.replace("{" + name + "}", value)
            yield filled

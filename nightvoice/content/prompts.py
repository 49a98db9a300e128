"""Every text that the guide can say, so that all of it is rendered before the night."""

from nightvoice.content.schema import SITES, Pack


def prompts(pack: Pack, emergency: str) -> list[str]:
    """The texts of ``pack``, placeholders filled, each once, in a stable order. ``emergency``: the number to call."""
    phrases, triage = pack.phrases, pack.triage
    places = [phrases.places[site].of(side) for site in SITES for side in (None, "left", "right", "both")]
    texts: list[str] = []
    for variants in phrases.talk.values():
        for text in variants:
            texts += [text.format(place=place) for place in places] if "{place}" in text else [text]
    texts += [text for advice in phrases.advice.values() for text in advice.say]
    texts += [text for flag in triage.flags.values() for text in flag.say]
    for question in triage.questions:
        texts += [question.ask, f"{question.ask} {triage.question_again}"]
    for step in (step for steps in pack.protocols.values() for step in steps):
        texts += [*step.say, *step.again, *([step.confirm] if step.confirm else [])]
    texts += phrases.counts
    return list(dict.fromkeys(text.format(emergency=spell(emergency)) for text in texts))


def spell(number: str) -> str:
    """``112`` as it is spoken: digit by digit."""
    return " ".join(digit for digit in number if digit.isdigit())

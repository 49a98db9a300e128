"""The clinical sentences of a pack and their claims. The index walks the whole pack, so it misses none."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from nightvoice.content.claims import Ledger
from nightvoice.content.eligibility import Restricted

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_PARTS: Final = (BaseModel, dict, tuple)
"""What a pack is made of, apart from texts and numbers."""
TEXTS: Final = ("say", "ask", "label")
"""Fields whose text belongs to the ``claim`` beside them."""


@dataclass(frozen=True, slots=True)
class ClinicalSentence:
    """A sentence that rests on a claim."""

    claim: str
    where: str
    """Its place in the pack, such as ``step massage of calf``."""
    texts: tuple[str, ...]
    """Its wordings."""
    conditions: frozenset[str] = frozenset()
    """Conditions that rule it out or that it is meant for."""


def clinical_sentences(part: BaseModel) -> Iterator[ClinicalSentence]:
    """Yield all clinical sentences in a pack, or in ``part`` of one."""
    yield from _walk(part, ())


def check_claims(part: BaseModel, ledger: Ledger) -> None:
    """Raise ValueError for the first sentence whose claim is unknown, rejected, or unsuitable for some who hear it."""
    for sentence in clinical_sentences(part):
        claim = ledger.claims.get(sentence.claim)
        if claim is None:
            raise ValueError(f"{sentence.where}: the claim {sentence.claim} is not in the ledger")
        if claim.verdict == "reject":
            raise ValueError(f"{sentence.where}: the claim {sentence.claim} was rejected, so it cannot be said")
        missing = set(claim.not_with) - sentence.conditions
        if missing:
            needed = ", ".join(sorted(missing))
            raise ValueError(f"{sentence.where}: the claim {sentence.claim} is not for everybody: not_with {needed}")


def without_placeholders(text: str, calls: Mapping[str, str]) -> str:
    """Return ``text`` for reading: with the numbers to call, and an ellipsis for what only the moment fills in."""
    return _PLACEHOLDER.sub(lambda found: calls.get(found[1], "…"), text)


def _walk(node: object, path: tuple[str, ...]) -> Iterator[ClinicalSentence]:
    match node:
        case Ledger():
            return
        case BaseModel():
            for name, value in node:
                if (name == "claim" or name.endswith("_claim")) and isinstance(value, str):
                    named = path if name == "claim" else (*path, name)
                    texts = _texts(node) if name == "claim" else ()
                    yield ClinicalSentence(value, _where(named), texts, _conditions(node))
                elif isinstance(value, _PARTS):
                    yield from _walk(value, (*path, name))
        case dict():
            for name, value in node.items():
                if isinstance(value, _PARTS):
                    yield from _walk(value, (*path, str(name)))
        case tuple():
            for number, value in enumerate(node):
                if isinstance(value, _PARTS):
                    yield from _walk(value, (*path, getattr(value, "id", str(number + 1))))


def _conditions(node: BaseModel) -> frozenset[str]:
    return frozenset((*node.not_with, *node.only_with)) if isinstance(node, Restricted) else frozenset()


def _texts(node: BaseModel) -> tuple[str, ...]:
    for name in TEXTS:
        value = getattr(node, name, None)
        if value:
            return (value,) if isinstance(value, str) else tuple(value)
    return ()


def _where(path: tuple[str, ...]) -> str:
    match path:
        case ("protocols", site, step):
            return f"step {step} of {site}"
        case ("stretches", step):
            return f"bedtime stretch {step}"
        case ("phrases", "advice", name):
            return f"advice {name}"
        case ("triage", "flags", name):
            return f"flag {name}"
        case ("tips", name):
            return f"tip {name}"
        case ("patterns", "factors", name):
            return f"factor {name} of the patterns"
        case ("report", *_, name):
            return f"question {name} of the clinician's page"
        case _:
            return " / ".join(path)

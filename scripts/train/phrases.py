"""What the voice farm's speakers say: ``phrases.yaml``, and every command of the language pack that it leaves out."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import yaml
from hassil.expression import Sentence
from hassil.intents import Intents, SlotList
from hassil.parse_expression import parse_sentence
from hassil.sample import sample_expression

from nightvoice.content.loader import load_pack

FILE: Final = Path(__file__).with_name("phrases.yaml")
EXAMPLES_ONLY: Final = frozenset({"cramp", "site", "side", "flag"})
"""Intents of which ``phrases.yaml`` has examples: with every place and side they would be millions."""

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Line(NamedTuple):
    """Sentences of which every speaker says one, or some if there are many."""

    group: str
    sentences: list[str]


def load_lines() -> list[Line]:
    """Return the lines of ``phrases.yaml``; after those of a command, one for each other template of the pack."""
    groups: dict[str, list[str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    pack, lines = Intents.from_dict(dict(load_pack("en").intents)), list[Line]()
    for group, templates in groups.items():
        own = [Line(group, sentences(each)) for each in templates]
        said = {sentence for line in own for sentence in line.sentences}
        known = pack_phrases(pack, group) if group in pack.intents and group not in EXAMPLES_ONLY else []
        others = (sorted(phrases - said) for phrases in known)
        lines += [*own, *(Line(group, each) for each in others if each)]
    return lines


def pack_phrases(pack: Intents, intent: str) -> list[set[str]]:
    """Return the phrases of each template of an intent."""
    templates = [template for block in pack.intents[intent].data for template in block.sentence_texts]
    return [set(sentences(each, pack.slot_lists, pack.expansion_rules)) for each in templates]


def sentences(
    template: str, lists: Mapping[str, SlotList] = NOTHING, rules: Mapping[str, Sentence] = NOTHING
) -> list[str]:
    """Return every sentence of a template."""
    samples = sample_expression(parse_sentence(template).expression, dict(lists), dict(rules))
    return sorted({" ".join(text.split()) for text in samples} - {""})

"""A second language is data only: the German pack has all that the English one has, and takes the same course."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from nightvoice.cli import app
from nightvoice.content.loader import HERE, files_of, load_pack
from nightvoice.content.schema import Pack
from nightvoice.errors import NightvoiceError
from nightvoice.understanding.recognizer import IntentRecognizer
from nightvoice.understanding.red_flags import RedFlagDetector

NIGHTS = Path(__file__).parent.parent / "nights" / "de"
TABLE = Path(__file__).parent.parent / "understanding" / "triage_table_de.yaml"
WORDS = {"say", "again", "confirm", "ask", "no_input", "no_match", "of_several"}
"""Fields that hold what is translated; all others are the same in every language."""
OWN = ("lexicon", "numbers", "months", "clock", "calls")
"""Parts that each language has in its own way; calls only one that the second ear knows."""


def read(language: str, name: str) -> Any:
    return yaml.safe_load((HERE / language / f"{name}.yaml").read_text("utf-8"))


def frame(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every place of a pack, and what is there; texts count only as being there."""
    match node:
        case dict():
            for key, value in node.items():
                if key not in OWN:
                    yield from [(f"{path}/{key}", "words")] if key in WORDS else frame(value, f"{path}/{key}")
        case list() if path.endswith("_with") or not any(isinstance(value, dict) for value in node):
            yield path, sorted(node) if path.endswith("_with") or path == "/questions" else "words"
        case list():
            for value in node:
                yield from frame(value, f"{path}/{value.get('id', '')}")
        case str() if not path.endswith(("/claim", "/action", "/kind", "/position", "/toes", "/id", "_claim")):
            yield path, "words"
        case _:
            yield path, node


@pytest.mark.parametrize("name", sorted(set(files_of(Pack)) - {"about", "intents", "requests"}))
def test_every_place_of_the_english_pack_is_in_the_german_one(name: str) -> None:
    english, german = dict(frame(read("en", name))), dict(frame(read("de", name)))
    assert english == german


def test_it_understands_the_same_intents_in_the_same_states() -> None:
    english, german = read("en", "intents"), read("de", "intents")
    assert set(english["intents"]) == set(german["intents"])
    assert english["states"] == german["states"]
    assert english["expected"] == german["expected"]
    for slots in english["lists"]:
        values = {value["out"] if isinstance(value, dict) else value for value in english["lists"][slots]["values"]}
        assert values == {value["out"] for value in german["lists"][slots]["values"]}, slots


def test_placeholders_are_those_of_the_english_texts() -> None:
    from string import Formatter

    def names(text: str) -> set[str]:
        return {field for _, field, _, _ in Formatter().parse(text) if field}

    english, german = load_pack("en"), load_pack("de")
    for key, texts in english.phrases.talk.items():
        expected = {"next_hour"} if key == "clock_30" else names(" ".join(texts))  # "halb vier" is half past three
        assert names(" ".join(german.phrases.talk[key])) == expected, key
    for key, flag in english.triage.flags.items():
        assert names(" ".join(german.triage.flags[key].say)) == names(" ".join(flag.say)), key
        assert names(german.morning.flags[key]) == names(english.morning.flags[key]), key


def test_no_english_sentence_is_left_in_it() -> None:
    def sentences(node: Any) -> Iterator[str]:
        match node:
            case str() if " " in node:
                yield node
            case dict():
                for value in node.values():
                    yield from sentences(value)
            case list():
                for value in node:
                    yield from sentences(value)

    for name in set(files_of(Pack)) - {"about", "intents", "requests", "triage"}:
        both = set(sentences(read("en", name))) & set(sentences(read("de", name)))
        assert {text for text in both if not text.startswith(("{question}", ", {"))} == set(), name


@pytest.mark.parametrize("language", ["en", "de"])
def test_grammar_and_triage_agree_in_each_language(language: str) -> None:
    pack = load_pack(language)
    plain, signs = IntentRecognizer(pack.intents), RedFlagDetector(pack.triage)
    for phrase in plain.grammar("guiding").phrases:
        meaning, finding = plain.recognize(phrase, "guiding"), signs.find(phrase)
        flag = meaning.slots["flag"] if meaning and meaning.intent == "flag" else None
        assert (finding.flag, finding.sure) == (flag, True), phrase


def test_german_emergencies_are_found_and_hardly_anything_else() -> None:
    triage = load_pack("de").triage
    signs = RedFlagDetector(triage)
    emergencies = {flag for flag, described in triage.flags.items() if described.action == "emergency"}
    rows = [(row["expect"], text) for row in yaml.safe_load(TABLE.read_text("utf-8")) for text in row["said"]]
    assert len(rows) > 100
    assert [text for flag, text in rows if flag in emergencies and signs.find(text).flag is None] == []
    harmless = [text for flag, text in rows if flag == "none"]
    false = [text for text in harmless if (found := signs.find(text)).sure and found.flag in emergencies]
    assert len(false) <= 0.02 * len(harmless), false


def nightvoice(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("NIGHTVOICE_LANGUAGE", "de")


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("name", sorted(path.stem for path in NIGHTS.glob("*.yaml")))
def test_the_same_night_takes_the_same_course(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is understood and what is written down, when the same things are said in German."""

    def course(script: Path) -> list[tuple[Any, ...]]:
        lines = nightvoice("rehearse", "--json", "--script", str(script)).stdout.splitlines()
        keys = ("event", "intent", "site", "side", "step", "effect", "flag", "action", "outcome", "condition", "holds")
        kinds = {"heard", "episode_opened", "site", "step", "effect", "flag", "episode_closed", "profile"}
        return [tuple(map(event.get, keys)) for event in map(json.loads, lines) if event["event"] in kinds]

    told = course(NIGHTS / f"{name}.yaml")
    monkeypatch.setenv("NIGHTVOICE_LANGUAGE", "en")
    assert told == course(NIGHTS.parent / f"{name}.yaml")
    assert len(told) > 3


@pytest.mark.usefixtures("german")
def test_it_says_what_it_is_and_who_reviewed_it() -> None:
    first = json.loads(nightvoice("rehearse", "--json", "--script", str(NIGHTS / "worse.yaml")).stdout.splitlines()[0])
    assert first["content"] == "Deutsch (translated from English), not reviewed by a clinician"


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("command", [("run",), ("rehearse", "--sample"), ("setup",)])
def test_what_cannot_be_heard_or_spoken_is_refused_in_one_line(command: tuple[str, ...]) -> None:
    with pytest.raises(
        NightvoiceError, match=r"^language de: there is no recogniser and no voice for Deutsch yet; typed"
    ):
        nightvoice(*command)

"""The content pack: founded in the ledger, and refused where it is not."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from nightvoice.content.claim_index import clinical_sentences
from nightvoice.content.countries import HelpNumbers
from nightvoice.content.loader import HERE, load_pack
from nightvoice.content.pages import load_pages
from nightvoice.content.prompts import prompts
from nightvoice.content.triage import CALM_ACTIONS
from nightvoice.dialogue.commands import COMMANDS
from nightvoice.errors import NightvoiceError

CONTRACT_INTENTS = {
    *("cramp", "next", "back", "repeat", "pause", "continue", "stop", "slower", "louder", "quieter", "gone", "better"),
    *("worse", "help", "yes", "no", "site", "side", "flag", "stretch", "summary", "good_morning"),
}
SHARED = HERE.parent.parent.parent / "shared" / "clinical.md"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The pack's folder, to be broken."""
    shutil.copytree(HERE, tmp_path / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__", "sample"))
    return tmp_path / "content"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_the_pack_loads_and_has_the_intents_of_the_contract() -> None:
    pack = load_pack()
    assert set(pack.intents["intents"]) >= CONTRACT_INTENTS
    assert set(pack.intents["states"]) == {"idle", "site", "usual", "guiding", "triage", "morning"}


def test_every_command_is_heard_in_every_state_of_an_episode() -> None:
    states = load_pack().intents["states"]
    for state in ("site", "usual", "guiding", "triage"):
        assert set(COMMANDS) | {"flag"} <= set(states[state])
    assert all("flag" in intents for intents in states.values()), "a danger sign outranks every state"


def test_a_rejected_claim_cannot_be_said(copy: Path) -> None:
    change(copy / "en" / "protocols.yaml", "claim: massage", "claim: feet-above-head")
    with pytest.raises(NightvoiceError, match=r"step massage of calf: the claim feet-above-head was rejected"):
        load_pack("en", copy)


def test_what_is_not_for_everybody_must_say_so(copy: Path) -> None:
    change(copy / "en" / "tips.yaml", "not_with: [kidney_disease, heart_disease]", "not_with: [kidney_disease]")
    with pytest.raises(
        NightvoiceError, match=r"tip drinking: the claim hydrate is not for everybody: not_with heart_di"
    ):
        load_pack("en", copy)


def test_a_clinical_sentence_without_a_claim_is_refused(copy: Path) -> None:
    change(copy / "en" / "protocols.yaml", "    claim: towel-stretch\n", "")
    with pytest.raises(NightvoiceError, match=r"protocols / calf / \d / claim: Field required"):
        load_pack("en", copy)


def test_an_unknown_claim_is_refused(copy: Path) -> None:
    change(copy / "en" / "triage.yaml", "claim: flag-chest", "claim: flag-cheese")
    with pytest.raises(NightvoiceError, match=r"flag chest: the claim flag-cheese is not in the ledger"):
        load_pack("en", copy)


def test_a_flag_that_nobody_describes_is_refused(copy: Path) -> None:
    change(copy / "en" / "triage.yaml", "questions: [chest, cold_leg", "questions: [chest, cold_feet")
    with pytest.raises(NightvoiceError, match="the flag cold_feet is not described"):
        load_pack("en", copy)


def test_a_sentence_for_no_flag_is_refused(copy: Path) -> None:
    change(copy / "en" / "intents.yaml", "slots: {flag: dark_urine}", "slots: {fag: dark_urine}")
    with pytest.raises(NightvoiceError, match="the flag None is not described"):
        load_pack("en", copy)


def test_broken_yaml_names_file_and_line(copy: Path) -> None:
    change(copy / "en" / "phrases.yaml", 'opening: ["', 'opening: "]["')
    with pytest.raises(NightvoiceError, match=r"phrases\.yaml line \d+: is not YAML"):
        load_pack("en", copy)


def test_an_unknown_language_names_those_that_there_are() -> None:
    with pytest.raises(NightvoiceError, match=r'no language pack "xx" in .*; there is: de, en'):
        load_pack("xx")


def test_prompts_are_whole_and_each_once() -> None:
    texts = prompts(load_pack(), HelpNumbers("911", "811", "116 123"))
    assert len(texts) == len(set(texts))
    assert not [text for text in texts if "{" in text]
    assert any("9 1 1" in text for text in texts)


def test_no_dose_no_drug_no_false_comfort_is_ever_said() -> None:
    everything = " ".join(prompts(load_pack(), HelpNumbers())).lower()
    for word in (
        "ibuprofen",
        "magnesium",
        "vitamin",
        "milligram",
        "above your head",
        "raise your feet",
        "you're fine",
        "i have called",
    ):
        assert word not in everything


@pytest.mark.skipif(not SHARED.exists(), reason="the clinical reference is not beside the repository")
def test_the_ledger_has_each_claim_of_the_clinical_reference_as_it_is_there() -> None:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| ([A-Z/]+) \| \**([ACR])\b", SHARED.read_text("utf-8"), re.M)
    verdicts = {"A": "adopt", "C": "caution", "R": "reject"}
    reference = [(name, kind, verdicts[verdict], seeds_in(claim)) for name, claim, kind, verdict in rows]
    ledger = yaml.safe_load((HERE / "claims.yaml").read_text("utf-8"))["claims"]
    of_seeds = [
        (name, row["kind"], row["verdict"], set(row["seeds"])) for name, row in ledger.items() if row.get("seeds")
    ]
    assert len(rows) > 50
    assert of_seeds == reference


def seeds_in(claim: str) -> set[int]:
    """The seed articles that a row names: ``000-002, 004``."""
    seeds: set[int] = set()
    for first, last in re.findall(r"\b00(\d)(?:[–-]00(\d))?\b", claim):
        seeds.update(range(int(first), int(last or first) + 1))
    return seeds


def test_every_claim_that_was_not_rejected_can_be_heard_or_says_why_not() -> None:
    pack = load_pack()
    heard = {sentence.claim for part in (pack, load_pages()) for sentence in clinical_sentences(part)}
    for name, claim in pack.ledger.claims.items():
        assert (name in heard) == (claim.verdict != "reject" and not claim.silent), name
        assert not (claim.silent and claim.verdict == "adopt"), f"{name} is adopted: somebody must hear it"


CANNOT_CALL = {"en": "I can't call for you.", "de": "Ich kann nicht für Sie anrufen."}


@pytest.mark.parametrize("language", CANNOT_CALL)
def test_every_pressing_flag_names_whom_to_call_and_says_that_it_cannot(language: str) -> None:
    for name, flag in load_pack(language).triage.flags.items():
        if flag.action not in CALM_ACTIONS:
            for text in (text for words in (flag.say, *flag.say_with.values()) for text in words):
                assert re.search(r"\{(emergency|urgent|crisis)\}", text), name
                assert text.endswith(CANNOT_CALL[language]), name


@pytest.mark.parametrize("language", CANNOT_CALL)
def test_calling_a_doctor_at_night_names_a_route(language: str) -> None:
    doctor = {"en": "all a doctor", "de": "einen Arzt an"}[language]
    for name, flag in load_pack(language).triage.flags.items():
        for text in (text for words in (flag.say, *flag.say_with.values()) for text in words):
            assert doctor not in text or "{urgent}" in text, name


@pytest.mark.parametrize(
    ("flag", "first", "never"),
    [
        ("faint", "Lie down", r"(?<!Don't )[Ss]it up|^(?!.*don't stand)"),
        ("anaphylaxis", "If you have an adrenaline pen", r"[Ss]tand up"),
        ("unresponsive", "Call {emergency} now", r"[Ss]it up"),
        ("fire", "Get out now", r"[Ss]tay"),
        ("heavy_bleeding", "Press hard", r"[Rr]aise"),
        ("fracture", "Keep the leg still", r"[Rr]aise|[Ss]it up"),
        ("suicide", "I'm sorry you feel like this", r"[Ss]tretch"),
        ("chest", "That can be an emergency. Call {emergency} now. Sit up", r"[Ll]ie"),
    ],
)
def test_the_first_words_fit_the_danger(flag: str, first: str, never: str) -> None:
    described = load_pack().triage.flags[flag]
    for text in (text for words in (described.say, *described.say_with.values()) for text in words):
        assert text.startswith(first)
        assert not re.search(never, text)


def test_who_is_pregnant_lies_on_the_left_side_and_the_legs_of_bad_arteries_stay_down() -> None:
    flags = load_pack().triage.flags
    for name in ("faint", "anaphylaxis"):
        assert all("left side" in text for text in flags[name].words(frozenset({"pregnant"})))
    for profile in ({"arterial_disease"}, {"pregnant", "arterial_disease"}):
        assert not [text for text in flags["faint"].words(frozenset(profile)) if "raise" in text]

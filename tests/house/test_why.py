"""``nightvoice why``: the claims ledger, and how much of it is spoken."""

import json
import re
from typing import Any

import pytest
from typer.testing import CliRunner

from nightvoice.cli import app
from nightvoice.content.loader import load_pack
from nightvoice.errors import NightvoiceError


def why(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["why", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return " ".join(result.stdout.split())


def rows(*arguments: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in json.loads(why(*arguments, "--json"))["claims"]}


def test_a_hedged_claim_shows_reason_source_and_place() -> None:
    text = why("massage")
    assert "massage: massage foot/leg We say this with care, because: the NHS advises it [1], but not with" in text
    assert "Evidence: guidance" in text
    assert "[1] NHS leg cramps" in text
    assert "step massage of calf" in text


def test_no_placeholder_is_left_open_in_what_can_be_heard() -> None:
    texts = [text for row in rows().values() for place in row["heard"] for text in place["texts"]]
    assert texts
    assert not [text for text in texts if "{" in text]
    assert re.search(r"Call \d+ now", why("chest pain"))


def test_a_rejected_claim_shows_the_reason() -> None:
    assert "We don't say this, because: during a cramp it works too slowly [1]" in why("painkillers")
    assert rows("feet above head")["feet-above-head"]["heard"] == []


@pytest.mark.parametrize(
    ("words", "claim"),
    [
        ("magnesium", "magnesium-benefit"),
        ("MASSAGE", "massage"),
        ("masage", "massage"),
        ("tea", "avoid-caffeine"),
        ("salt", "mineral-salt"),
        ("bedtime stretches", "bedtime-stretch"),
        ("chest pain", "flag-chest"),
        ("feet-above-head", "feet-above-head"),
    ],
)
def test_claims_are_found_by_synonyms(words: str, claim: str) -> None:
    assert claim in rows(words)


@pytest.mark.parametrize("words", ["zebra", "qwertz", "", "?"])
def test_an_unknown_topic_is_a_one_line_error(words: str) -> None:
    with pytest.raises(NightvoiceError, match=r'^why: the ledger has nothing about ".*"; nightvoice why lists'):
        why(words)


def test_the_list_has_every_claim_with_its_grade_and_path() -> None:
    told = json.loads(why("--json"))
    ledger = load_pack().ledger
    assert [row["id"] for row in told["claims"]] == list(ledger.claims)
    assert sum(told["rows"].values()) == len(ledger.claims)
    assert all(row["grade"] in ledger.grades and row["means"] for row in told["claims"])


def test_adopted_claims_are_spoken_and_rejected_ones_are_not() -> None:
    for row in json.loads(why("--json"))["claims"]:
        where = [place["where"] for place in row["heard"]]
        if row["verdict"] == "reject":
            assert where == [], row["id"]
        else:
            assert bool(where) != bool(row["silent"]), f"{row['id']}: {where or row['silent'] or 'nobody hears it'}"

"""``nightvoice why``: show the evidence behind nightvoice's claims, used or rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nightvoice.content.claim_index import ClinicalSentence
    from nightvoice.content.claims import Ledger

MIN_SCORE = 82.0
"""Lowest similarity of a claim to the requested words, out of 100."""
MAX_BELOW_BEST = 8.0
"""Largest difference from the best score; lower-scoring claims are left out."""
COLOURS = {"adopt": "green", "caution": "yellow", "reject": "red"}


def why(
    about: Annotated[
        str | None, typer.Argument(metavar="[WORDS]", help='Topic, like "massage" or "magnesium".')
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what nightvoice says about a topic, with reason, evidence and sources. Without WORDS, list all claims."""
    from dataclasses import replace
    from json import dumps

    from nightvoice.config.reader import load_config
    from nightvoice.content.claim_index import clinical_sentences, without_placeholders
    from nightvoice.content.loader import load_pack
    from nightvoice.content.pages import load_pages

    config = load_config()
    language = config.language
    pack = load_pack(language)
    calls = pack.phrases.routes.placeholders(config.safety.help_numbers)
    heard: dict[str, list[ClinicalSentence]] = {}
    for sentence in (*clinical_sentences(pack), *clinical_sentences(load_pages(language))):
        texts = tuple(without_placeholders(text, calls) for text in sentence.texts)
        heard.setdefault(sentence.claim, []).append(replace(sentence, texts=texts))
    names = list(pack.ledger.claims) if about is None else _find(about, pack.ledger, heard)
    if as_json:
        rows = [_row(name, pack.ledger, heard.get(name, ())) for name in names]
        typer.echo(dumps({"about": about, "claims": rows, **_coverage(pack.ledger, heard)}, ensure_ascii=False))
    elif about is None:
        _print_coverage(pack.ledger, heard)
    else:
        for name in names:
            _print(name, pack.ledger, heard.get(name, ()))


def _find(about: str, ledger: Ledger, heard: Mapping[str, Sequence[ClinicalSentence]]) -> list[str]:
    """Return the claims about a topic, best match first. Raises NightvoiceError if there are none."""
    from rapidfuzz import fuzz, utils

    from nightvoice.errors import NightvoiceError

    wanted = utils.default_process(about)
    scores: dict[str, float] = {}
    for name, claim in ledger.claims.items():
        own = [name.replace("-", " "), claim.claim, *claim.also]
        texts = [text for sentence in heard.get(name, ()) for text in sentence.texts]
        best = max(fuzz.token_set_ratio(wanted, utils.default_process(text)) for text in own)
        # Spoken sentences mention many topics in passing, so they count for less.
        scores[name] = max(
            best, *(0.9 * fuzz.token_set_ratio(wanted, utils.default_process(text)) for text in texts), 0.0
        )
    best = max(scores.values())
    if not wanted or best < MIN_SCORE:
        raise NightvoiceError(f'why: the ledger has nothing about "{about}"; nightvoice why lists what it has')
    return sorted(
        (name for name in scores if scores[name] >= max(MIN_SCORE, best - MAX_BELOW_BEST)), key=lambda n: -scores[n]
    )


def _row(name: str, ledger: Ledger, sentences: Sequence[ClinicalSentence]) -> dict[str, Any]:
    claim = ledger.claims[name]
    return {
        "id": name,
        **claim.model_dump(include={"claim", "kind", "verdict", "grade", "reason", "silent"}),
        "links": {source: ledger.links[source] for source in claim.sources if source in ledger.links},
        "means": ledger.grades[claim.grade],
        "sources": {source: ledger.sources[source] for source in claim.sources},
        "heard": [{"where": sentence.where, "texts": list(sentence.texts)} for sentence in sentences],
    }


def _coverage(ledger: Ledger, heard: Mapping[str, Sequence[ClinicalSentence]]) -> dict[str, Any]:
    """Return the number of claims by verdict, and the accepted claims that are never spoken."""
    verdicts: list[str] = [claim.verdict for claim in ledger.claims.values()]
    unheard = [name for name, claim in ledger.claims.items() if claim.verdict != "reject" and name not in heard]
    return {"rows": {verdict: verdicts.count(verdict) for verdict in COLOURS}, "unheard": unheard}


def _print(name: str, ledger: Ledger, sentences: Sequence[ClinicalSentence]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console, claim = Console(highlight=False), ledger.claims[name]
    because = f", because: {escape(claim.reason)}" if claim.reason else ""
    console.print(f"[bold]{name}[/]: {escape(claim.claim)}")
    console.print(f"  [{COLOURS[claim.verdict]}]{ledger.verdicts[claim.verdict]}[/]{because}.")
    console.print(f"  Evidence: {claim.grade} [dim]({escape(ledger.grades[claim.grade])})[/]")
    if claim.sources:
        for key in claim.sources:
            link = f" {ledger.links[key]}" if key in ledger.links else ""
            console.print(escape(f"  [{key}] {ledger.sources[key]}{link}"), soft_wrap=True)
    if claim.silent:
        console.print(f"  Not spoken: {escape(claim.silent)}.")
    places: dict[str, list[str]] = {}
    for sentence in sentences:
        places.setdefault(sentence.texts[0] if sentence.texts else "", []).append(sentence.where)
    for text, where in places.items():
        console.print(f"  [dim]Heard at {escape(', '.join(where))}:[/] {escape(text)}")


def _print_coverage(ledger: Ledger, heard: Mapping[str, Sequence[ClinicalSentence]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("claim", "verdict", "evidence", "where it can be heard")
    for name, claim in ledger.claims.items():
        where = "; ".join(dict.fromkeys(sentence.where for sentence in heard.get(name, ())))
        table.add_row(
            name, claim.verdict, claim.grade, where or claim.silent or ("–" if claim.verdict == "reject" else "")
        )
    console = Console()
    console.print(table)
    rows = _coverage(ledger, heard)["rows"]
    console.print(", ".join(f"{count} {verdict}" for verdict, count in rows.items()))

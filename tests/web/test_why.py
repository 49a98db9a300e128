"""The evidence behind what is said, and texts whose placeholders nobody filled."""

import re

import pytest

from nightvoice.content.loader import load_pack
from nightvoice.diary.store import Diary
from nightvoice.web.pages.why import CitedText, cited
from tests.helpers.web_site import LAST, Site
from tests.web.test_every_page import PAGES

UNFILLED = re.compile(r"\{\{?\s*\w+\s*\}?\}")


def shown(page: str) -> str:
    return re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)


def test_sources_are_numbered_and_linked(site: Site) -> None:
    page = site.ask("/why/massage").text
    assert 'The NHS advises it <a class="cite" href="#source-1">[1]</a>, but not with signs of a clot' in page
    assert '<li id="source-1"><a href="https://www.nhs.uk/conditions/leg-cramps/" rel="noreferrer external">' in page
    assert '<li id="source-2">' in page
    assert "We say this with care" in page
    assert not re.search(r"adopt|reject|[Tt]aken up", page)


def test_citations_take_the_numbers_of_the_list() -> None:
    assert cited("first [22,21]: then [J] more †", ("21", "22")) == [
        CitedText("first", (2, 1)),
        CitedText(": then", ()),
        CitedText(" more", ()),
    ]


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("{url}/trends?back=1y", "/trends?back=1y"),
        ("{url}/why/massage", "/"),
        ("{url}//elsewhere.example/", "/"),
        ("http://elsewhere.example/trends", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_leads_to_the_page_before(site: Site, referrer: str, back: str) -> None:
    page = site.ask("/why/massage", Referer=referrer.format(url=site.url)).text
    assert f'<p class="back"><a href="{back}">' in page


def test_no_page_shows_an_unfilled_placeholder(site: Site) -> None:
    """On a night with every danger sign, too, and for every claim."""
    pack = load_pack()
    with Diary.open(str(site.file)) as diary:
        for flag in pack.triage.flags:
            diary.append("flag", site.context.now().replace(hour=2), {"flag": flag, "action": "emergency"})
    episode = site.context.diary.night(LAST).episodes[0].id
    paths = [*(path.format(episode=episode) for path in PAGES), *(f"/why/{claim}" for claim in pack.ledger.claims)]
    assert {path: found for path in paths if (found := UNFILLED.findall(shown(site.ask(path).text)))} == {}

"""A short run over everything that comes from others; ``scripts/bench/fuzz.py`` is the long one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.fuzz_targets import Page, Target, check, targets

EXAMPLES = {"content pack": 12, "web": 80, "import": 40, "diary": 40, "damaged diary": 20}
BRIEF = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
NAMES = (
    *("configuration", "changed key", "content pack", "recording", "import", "diary", "damaged diary", "archive"),
    "written night",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No file of the user's is read or written."""
    for name in ("config", "data", "cache", "state"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / "home" / name))
    return tmp_path


@pytest.fixture(scope="module")
def all_targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    return {target.name: target for target in targets(tmp_path_factory.mktemp("examples"))}


@pytest.fixture
def page(home: Path) -> Iterator[Page]:
    served = Page(home)
    yield served
    served.close()


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_given_is_taken_or_refused_in_one_line(
    all_targets: dict[str, Target], tmp_path: Path, name: str
) -> None:
    assert set(NAMES) == set(all_targets)
    _fuzz(all_targets[name], tmp_path / "fuzz")


def test_whatever_is_sent_to_the_page_gets_an_answer(page: Page, tmp_path: Path) -> None:
    _fuzz(page.target(), tmp_path / "fuzz")


def _fuzz(target: Target, folder: Path) -> None:
    @settings(BRIEF, max_examples=EXAMPLES.get(target.name, 120))
    @given(target.examples)
    def run(example: object) -> None:
        check(target, folder, example)

    run()

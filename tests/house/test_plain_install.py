"""An installation without extras has everything that a night needs."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NIGHTS = Path(__file__).parent.parent / "nights"
SCRIPT = """
import sys
from importlib.abc import MetaPathFinder

class NotInstalled(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

absent = set(sys.argv.pop(1).split(","))
sys.meta_path.insert(0, NotInstalled())
from nightvoice.cli import main
main()
"""


def plain() -> set[str]:
    """Return the distributions installed with nightvoice: its direct and indirect dependencies."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    wanted = [("nightvoice", "")]
    while wanted:
        name, extra = wanted.pop()
        for text in _requirements(name):
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                found.add(canonicalize_name(requirement.name))
                more = [(requirement.name, each) for each in ("", *requirement.extras)]
                wanted += [each for each in more if each not in seen]
                seen.update(more)
    return found


def _requirements(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def test_a_night_runs_without_extras(tmp_path: Path) -> None:
    kept = plain() | {"nightvoice"}
    absent = {
        module
        for module, distributions in packages_distributions().items()
        if not {canonicalize_name(each) for each in distributions} & kept
    }
    assert {"starlette", "weasyprint", "pytest"} <= absent
    for arguments in (
        ["--help"],
        ["why", "massage"],
        ["config", "show"],
        ["rehearse", "--script", str(NIGHTS / "usual_cramp.yaml"), "--json"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, ",".join(absent), *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout

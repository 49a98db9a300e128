"""What starts quickly loads no slow library: help, and a new diary."""

import json
import subprocess
import sys

import pytest

SLOW = ("numpy", "onnxruntime", "pydantic", "rich", "sqlalchemy", "yaml")
LOADED = "import json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def _slow_modules(program: str) -> set[str]:
    """Return the slow libraries that ``program`` has loaded in a process of its own."""
    done = subprocess.run([sys.executable, "-c", f"import sys\n{program}\n{LOADED}"], capture_output=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1])) & set(SLOW)


def test_a_new_diary_needs_no_slow_library() -> None:
    assert not _slow_modules("from nightvoice.diary.store import Diary; Diary.open(None).close()")


@pytest.mark.parametrize(("group", "typers"), [([], set()), (["hub", "people"], {"pydantic"})])
def test_help_needs_no_slow_library(group: list[str], typers: set[str]) -> None:
    """Typer itself loads pydantic to read the options of the groups above."""
    program = f"""
sys.argv = ["nightvoice", *{group}, "--help"]
from nightvoice.cli import main
try:
    main()
except SystemExit:
    pass
"""
    assert _slow_modules(program) <= typers


def test_a_summary_reads_only_what_it_speaks_from() -> None:
    program = """
import nightvoice.insight.narrative
from nightvoice.content.loader import load_narrative_pack
load_narrative_pack()
assert "nightvoice.content.schema" not in sys.modules
"""
    assert "pydantic" in _slow_modules(program)

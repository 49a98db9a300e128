"""Rules of the code base that no linter checks."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "nightvoice"
MODULES = {file: file.read_text("utf-8") for file in PACKAGE.rglob("*.py")}
MAX_LINES = 300


def test_no_two_classes_share_a_name() -> None:
    places = defaultdict(list)
    for file, text in MODULES.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(file.relative_to(PACKAGE)))
    shared = {name: files for name, files in places.items() if len(files) > 1}
    assert not shared, "one name, one thing: rename one of them"


def test_no_module_is_longer_than_300_lines() -> None:
    long = {str(file.relative_to(PACKAGE)): text.count("\n") for file, text in MODULES.items()}
    assert not {name: lines for name, lines in long.items() if lines > MAX_LINES}, "split it"

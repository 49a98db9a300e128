"""What scripts and examples import from this repository exists; most of them run only by hand."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(file for folder in ("scripts", "examples") for file in (ROOT / folder).rglob("*.py"))


def imported(file: Path) -> Iterator[tuple[str, str]]:
    """Module and name of each import of ours in ``file``."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("nightvoice", "scripts"):
            yield from ((node.module, alias.name) for alias in node.names)


def exists(module: str, name: str) -> bool:
    if module.split(".", maxsplit=1)[0] == "nightvoice":
        found = importlib.import_module(module)
        return hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}") is not None
    # Without importing it: training needs packages that are not installed for the tests.
    path = ROOT.joinpath(*module.split("."))
    if path.is_dir():
        return (path / f"{name}.py").exists() or (path / name).is_dir()
    tree = ast.parse(path.with_suffix(".py").read_text())
    defined = {getattr(node, "name", None) for node in tree.body}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return name in defined | {node.id for node in names}


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_it_imports_from_us_exists(file: Path) -> None:
    missing = [f"{module}.{name}" for module, name in imported(file) if not exists(module, name)]
    assert not missing


def test_scripts_import_their_neighbours_by_the_full_name() -> None:
    own = {file.stem for file in SCRIPTS}
    for file in SCRIPTS:
        for node in ast.walk(ast.parse(file.read_text())):
            bare = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not own & set(bare), f"{file}: {bare}"

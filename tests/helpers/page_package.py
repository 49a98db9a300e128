"""The example packages of the pages docs/adding-….md, as pip would install them."""

import re
import sys
from pathlib import Path

import pytest


def code_of(page: Path) -> str:
    """Return the Python module of ``page``."""
    found = re.search(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert found
    return found[1]


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, page: Path, name: str, group: str, target: str) -> Path:
    """Install the package of ``page`` with one entry point, ``name`` = ``target`` in ``group``; return its module."""
    about = folder / "site" / f"nightvoice_{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: nightvoice-{name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")
    module = target.split(":", maxsplit=1)[0]
    file = about.parent / f"{module}.py"
    file.write_text(code_of(page))
    monkeypatch.syspath_prepend(about.parent)
    monkeypatch.delitem(sys.modules, module, raising=False)
    return file

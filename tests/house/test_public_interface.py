"""``import nightvoice``: public names, and no side effects."""

import ast
import subprocess
import sys
from pathlib import Path

import nightvoice


def test_every_public_name_exists() -> None:
    for name in nightvoice.__all__:
        assert getattr(nightvoice, name) is not None, name
    assert set(nightvoice.__all__) <= set(dir(nightvoice))


def test_type_checkers_see_the_same_names_from_the_same_modules() -> None:
    tree = ast.parse(Path(nightvoice.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert typed == nightvoice._MODULE_OF
    assert sorted(typed) == sorted(nightvoice.__all__)


def test_import_has_no_side_effect() -> None:
    code = """
import os, sys, threading
before = dict(os.environ)
import nightvoice
assert dict(os.environ) == before
assert threading.active_count() == 1
print(*(name for name in sys.modules if name.startswith("nightvoice")))
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["nightvoice"]

"""Every YAML file is read the same way: an error is one line with file, line and reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.system.yaml_file import MAX_BYTES, MissingFileError, compose_yaml, read_yaml

READERS = pytest.mark.parametrize("read", [read_yaml, compose_yaml])


@READERS
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: [\n", r"x\.yaml line \d: is not YAML: "),
        (b"a: \x07\n", r"x\.yaml( line 1)?: is not YAML: "),
        ("a: größe".encode("latin-1"), r"x\.yaml: is not UTF-8 text"),
        (b"[" * 40_000, r"nested too deeply|nesting depth"),
        (b"#" * (MAX_BYTES + 1), r"x\.yaml: is larger than"),
    ],
)
def test_errors_name_file_and_reason(tmp_path: Path, read: Callable[[Path], Any], content: bytes, message: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(content)
    with pytest.raises(NightvoiceError, match=message) as error:
        read(file)
    assert "\n" not in str(error.value)


@READERS
def test_missing_file_and_folder(tmp_path: Path, read: Callable[[Path], Any]) -> None:
    with pytest.raises(MissingFileError, match=r"none\.yaml: no such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(NightvoiceError, match="cannot be read: is a directory"):
        read(tmp_path)


def test_impossible_date(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("from: 2026-02-31\n")
    with pytest.raises(NightvoiceError, match=r"x\.yaml: is not YAML: day is out of range"):
        read_yaml(file)


@READERS
def test_byte_order_mark_is_skipped(tmp_path: Path, read: Callable[[Path], Any]) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: 1\n", encoding="utf-8-sig")
    assert read(file)

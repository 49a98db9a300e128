"""YAML that is nested without end."""

from pathlib import Path

import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.system.yaml_file import read_yaml


@pytest.mark.parametrize("sign", ["[", "{a: ", "- ", "? "])
def test_a_file_nested_too_deeply_is_refused(tmp_path: Path, sign: str) -> None:
    file = tmp_path / "deep.yaml"
    file.write_text(sign * 40_000)
    # Newer libyaml refuses brackets at a depth of its own, before ours is reached.
    with pytest.raises(NightvoiceError, match=r"nested too deeply|maximum nesting depth"):
        read_yaml(file)

"""The unit of systemd, as far as it can be checked where no systemd runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "scripts" / "install-service"


def unit() -> str:
    return subprocess.run([INSTALL, "--print"], capture_output=True, text=True, check=True).stdout


def test_the_unit_names_this_program_and_shuts_it_in() -> None:
    lines = unit().splitlines()
    assert f"ExecStart={ROOT}/.venv/bin/nightvoice run --quiet" in lines
    for line in ("Type=notify", "PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "ProtectSystem=strict",
                 "NoNewPrivileges=yes", "LimitCORE=0", "Restart=always"):  # fmt: skip
        assert line in lines
    assert any(line.startswith("MemoryMax=") for line in lines)
    assert any(line.startswith("WatchdogSec=") for line in lines)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_knows_every_line_and_finds_little_exposed(tmp_path: Path) -> None:
    file = tmp_path / "nightvoice.service"
    file.write_text(unit().replace(f"{ROOT}/.venv/bin/nightvoice", "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", file], capture_output=True, text=True, check=False
    )
    assert "nightvoice.service" not in verified.stderr
    security = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", file], capture_output=True, check=False
    )
    if b"unrecognized option" in security.stderr:
        pytest.skip("systemd-analyze is too old to look at a file")
    assert security.returncode == 0, "exposure above 1.5"


def test_wrong_use_is_one_line() -> None:
    wrong = subprocess.run([INSTALL, "--what"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "--remove" in wrong.stderr

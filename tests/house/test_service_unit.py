"""The systemd units, as far as they can be checked without systemd running."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "scripts" / "install-service"


PARTS = {
    "nightvoice.service": ([], 1.5),
    "nightvoice-bridge.service": (["bridge"], 2.0),
    "nightvoice-wyoming.service": (["wyoming"], 2.0),
    "nightvoice-satellite@192.168.1.40.service": (["satellite", "192.168.1.40"], 2.0),
}
"""Arguments of install-service for each unit, and the unit's highest acceptable exposure out of 10."""


def unit(*part: str) -> str:
    return subprocess.run([INSTALL, *part, "--print"], capture_output=True, text=True, check=True).stdout


def test_the_night_has_no_network() -> None:
    lines = unit().splitlines()
    assert f"ExecStart={ROOT}/.venv/bin/nightvoice run --quiet" in lines
    for line in ("Type=notify", "PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX"):
        assert line in lines
    assert any(line.startswith("WatchdogSec=") for line in lines)


def test_the_satellite_reaches_the_local_network_only() -> None:
    for part in (["wyoming"], ["satellite", "192.168.1.40"]):
        assert "IPAddressDeny=any" in unit(*part).splitlines()


@pytest.mark.parametrize("name", PARTS)
def test_every_unit_is_sandboxed(name: str) -> None:
    part, _ = PARTS[name]
    lines = unit(*part).splitlines()
    assert any(line.startswith(f"ExecStart={ROOT}/.venv/bin/nightvoice {' '.join(part[:1])}") for line in lines)
    for line in ("ProtectSystem=strict", "NoNewPrivileges=yes", "LimitCORE=0", "Restart=always"):
        assert line in lines
    assert any(line.startswith("MemoryMax=") for line in lines)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
@pytest.mark.parametrize("name", PARTS)
def test_systemd_accepts_every_line_and_rates_the_exposure_low(name: str, tmp_path: Path) -> None:
    part, exposure = PARTS[name]
    file = tmp_path / name
    file.write_text(unit(*part).replace(f"{ROOT}/.venv/bin/nightvoice", "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", file], capture_output=True, text=True, check=False
    )
    assert name not in verified.stderr
    threshold = f"--threshold={exposure * 10:.0f}"
    security = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", threshold, file], capture_output=True, check=False
    )
    if b"unrecognized option" in security.stderr:
        pytest.skip("systemd-analyze is too old to look at a file")
    assert security.returncode == 0, f"exposure above {exposure}"


def test_wrong_usage_is_a_one_line_error() -> None:
    wrong = subprocess.run([INSTALL, "--what"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "--remove" in wrong.stderr
    nowhere = subprocess.run([INSTALL, "satellite", "--print"], capture_output=True, text=True, check=False)
    assert nowhere.returncode == 2
    assert "name its address" in nowhere.stderr

"""What memory is free, in the computer and in the control groups around a process, and what happens without it."""

from pathlib import Path

import pytest

from nightvoice import assembly, cli
from nightvoice.cli.doctor import hearing
from nightvoice.cli.doctor.check import CheckFailedError
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.listening.transcribers.whisper_base import weights
from nightvoice.system import free_memory
from nightvoice.system.free_memory import free_memory_mb

MB = 1_000_000


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A computer with 800 MB free, and 100 MB of swap."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    meminfo = "MemTotal: 2000000 kB\nMemAvailable: 781250 kB\nSwapFree: 97656 kB\n"
    (tmp_path / "proc" / "meminfo").write_text(meminfo)
    return tmp_path / "proc"


def group(folder: Path, limit: str, used: int, cached: int, names: tuple[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used * MB}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached * MB // 2}\nactive_file {cached * MB // 2}\n")


def test_the_computers_memory_counts_with_its_swap(proc: Path, tmp_path: Path) -> None:
    assert free_memory_mb(proc, tmp_path / "cgroup") == pytest.approx(900, abs=1)
    (proc / "meminfo").unlink()
    assert free_memory_mb(proc, tmp_path / "cgroup") == float("inf")


def test_the_narrowest_control_group_counts_and_its_file_cache_is_free(proc: Path, tmp_path: Path) -> None:
    root, names = tmp_path / "cgroup", ("memory.max", "memory.current")
    (proc / "self" / "cgroup").write_text("0::/user.slice/nightvoice.service\n")
    group(root / "user.slice" / "nightvoice.service", "max", 190, 20, names)
    assert free_memory_mb(proc, root) == pytest.approx(900, abs=1)
    group(root / "user.slice", str(250 * MB), 200, 20, names)
    assert free_memory_mb(proc, root) == pytest.approx(70)
    group(root, str(220 * MB), 200, 0, names)
    assert free_memory_mb(proc, root) == pytest.approx(20)


def test_control_groups_of_version_1_count_too(proc: Path, tmp_path: Path) -> None:
    root, names = tmp_path / "cgroup", ("memory.limit_in_bytes", "memory.usage_in_bytes")
    (proc / "self" / "cgroup").write_text("4:cpu,cpuacct:/\n3:memory:/box\n0::/\n")
    group(root / "memory" / "box", str(250 * MB), 200, 0, names)
    assert free_memory_mb(proc, root) == pytest.approx(50)


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_memory, "free_memory_mb", lambda: 81.4)


@pytest.mark.usefixtures("little")
def test_what_has_no_room_is_refused_in_one_line_before_it_is_loaded() -> None:
    line = "listening needs 180 MB of memory, and 81 MB are free: stop other programs, or raise the limit"
    with pytest.raises(NightvoiceError) as refused:
        assembly.build_pipeline(Config())
    assert str(refused.value) == line


@pytest.mark.usefixtures("little")
@pytest.mark.skipif(weights() is None, reason="the second ear is not installed")
def test_doctor_says_that_the_second_ear_has_no_room_and_that_the_night_is_not_at_risk() -> None:
    with pytest.raises(CheckFailedError, match="the second ear needs 200 MB of memory, and 81 MB are free") as failed:
        hearing.second_ear(Config())
    assert not failed.value.vital


def test_a_command_without_memory_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(**_: object) -> int:
        raise MemoryError

    monkeypatch.setattr(cli, "app", full)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == NightvoiceError.exit_code
    assert capsys.readouterr().err == "nightvoice: there is no memory left: stop other programs, or raise the limit\n"

"""Paths of nightvoice's files, following the XDG base directory specification."""

import os
from pathlib import Path

from platformdirs import PlatformDirs


def _dirs() -> PlatformDirs:
    # Created on each call, since creation reads the XDG variables.
    return PlatformDirs("nightvoice", appauthor=False)


def config_file() -> Path:
    """Configuration file: ``$XDG_CONFIG_HOME/nightvoice/config.yaml``."""
    return _dirs().user_config_path / "config.yaml"


def data_dir() -> Path:
    """Folder for data that must not be lost: ``$XDG_DATA_HOME/nightvoice``."""
    return _dirs().user_data_path


def diary_file() -> Path:
    """Diary file, unless the configuration names another."""
    return data_dir() / "diary.sqlite"


def diary_url() -> str:
    """Database URL of the diary file."""
    return f"sqlite:///{diary_file()}"


def near_misses_file() -> Path:
    """File of near-miss scores, without sound or words."""
    return data_dir() / "near_misses.jsonl"


def recording_dir() -> Path:
    """Folder for sound recorded for debugging, if switched on."""
    return data_dir() / "recording"


def calibration_file() -> Path:
    """File with the result of ``nightvoice calibrate``."""
    return data_dir() / "calibration.json"


def hub_dir() -> Path:
    """Folder for the ward page's accounts and the study key."""
    return data_dir() / "hub"


def study_key_file() -> Path:
    """File with the secret key of a study's pseudonyms."""
    return hub_dir() / "study.key"


def models_dir() -> Path:
    """Folder for downloaded models, one subfolder each."""
    return data_dir() / "models"


def cache_dir() -> Path:
    """Folder for files that can be recreated: ``$XDG_CACHE_HOME/nightvoice``."""
    return _dirs().user_cache_path


def prompts_dir() -> Path:
    """Folder for rendered prompts."""
    return cache_dir() / "prompts"


def log_file() -> Path:
    """Log file: ``$XDG_STATE_HOME/nightvoice/log/nightvoice.log``."""
    return _dirs().user_log_path / "nightvoice.log"


def state_dir() -> Path:
    """Folder for what a running program notes: ``$XDG_STATE_HOME/nightvoice``."""
    return _dirs().user_state_path


def memory_dirs() -> list[Path]:
    """Folders in memory, the preferred first. They may not exist yet, and the computer's restart empties them."""
    runtime, shared = os.environ.get("XDG_RUNTIME_DIR"), Path("/dev/shm")  # noqa: S108 (its owner is checked)
    found = [Path(runtime) / "nightvoice"] if runtime else []
    return [*found, shared / f"nightvoice-{os.geteuid()}"] if shared.is_dir() else found


def bedside_lock_file() -> Path:
    """Lock of the program that listens and answers: ``$XDG_STATE_HOME/nightvoice/bedside.lock``."""
    return state_dir() / "bedside.lock"


def bridge_lock_file() -> Path:
    """Lock of ``nightvoice bridge``, beside its positions in the diary's log."""
    return data_dir() / "bridge.lock"


def control_socket_file() -> Path:
    """Control socket of ``nightvoice run``: ``$XDG_STATE_HOME/nightvoice/orders``."""
    return state_dir() / "orders"

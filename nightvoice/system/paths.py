"""Where nightvoice keeps its files, following the XDG base directory specification."""

from pathlib import Path

from platformdirs import PlatformDirs


def _dirs() -> PlatformDirs:
    # Created on each call, because the XDG variables are read then.
    return PlatformDirs("nightvoice", appauthor=False)


def config_file() -> Path:
    """Configuration: ``$XDG_CONFIG_HOME/nightvoice/config.yaml``."""
    return _dirs().user_config_path / "config.yaml"


def data_dir() -> Path:
    """Data that must not be lost: ``$XDG_DATA_HOME/nightvoice``."""
    return _dirs().user_data_path


def diary_file() -> Path:
    """The diary, unless the configuration names another."""
    return data_dir() / "diary.sqlite"


def diary_url() -> str:
    """The diary as a database URL."""
    return f"sqlite:///{diary_file()}"


def near_misses_file() -> Path:
    """Scores of near misses, without sound or words."""
    return data_dir() / "near_misses.jsonl"


def recording_dir() -> Path:
    """Sound recorded for debugging, if that is turned on."""
    return data_dir() / "recording"


def calibration_file() -> Path:
    """Result of ``nightvoice calibrate``."""
    return data_dir() / "calibration.json"


def hub_dir() -> Path:
    """Accounts for the ward's page, and the study key."""
    return data_dir() / "hub"


def study_key_file() -> Path:
    """Secret key that a study's pseudonyms are derived from."""
    return hub_dir() / "study.key"


def models_dir() -> Path:
    """Downloaded models, one folder each."""
    return data_dir() / "models"


def cache_dir() -> Path:
    """Files that can be created again: ``$XDG_CACHE_HOME/nightvoice``."""
    return _dirs().user_cache_path


def prompts_dir() -> Path:
    """Rendered prompts."""
    return cache_dir() / "prompts"


def log_file() -> Path:
    """Event log: ``$XDG_STATE_HOME/nightvoice/log/nightvoice.log``."""
    return _dirs().user_log_path / "nightvoice.log"


def control_socket_file() -> Path:
    """Socket through which ``nightvoice run`` takes orders: ``$XDG_STATE_HOME/nightvoice/orders``."""
    return _dirs().user_state_path / "orders"

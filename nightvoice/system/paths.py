"""Where nightvoice keeps its files: the places of the XDG base directory specification, moved by its variables only."""

from pathlib import Path

from platformdirs import PlatformDirs


def _dirs() -> PlatformDirs:
    # Made anew at each call: the XDG variables are read when the directories are.
    return PlatformDirs("nightvoice", appauthor=False)


def config_file() -> Path:
    """The configuration: ``$XDG_CONFIG_HOME/nightvoice/config.yaml``."""
    return _dirs().user_config_path / "config.yaml"


def data_dir() -> Path:
    """What must not be lost: ``$XDG_DATA_HOME/nightvoice``."""
    return _dirs().user_data_path


def diary_file() -> Path:
    """The diary, where the configuration names no other."""
    return data_dir() / "diary.sqlite"


def diary_url() -> str:
    """The diary as a database URL."""
    return f"sqlite:///{diary_file()}"


def near_misses_file() -> Path:
    """Numbers about what was nearly heard."""
    return data_dir() / "near_misses.jsonl"


def recording_dir() -> Path:
    """Sound kept to find a fault, where that was turned on."""
    return data_dir() / "recording"


def calibration_file() -> Path:
    """What ``nightvoice calibrate`` found."""
    return data_dir() / "calibration.json"


def people_dir() -> Path:
    """Who may see the ward's page."""
    return data_dir() / "hub"


def study_key_file() -> Path:
    """The secret behind a study's pseudonyms."""
    return people_dir() / "study.key"


def models_dir() -> Path:
    """Downloaded models, one folder each."""
    return data_dir() / "models"


def cache_dir() -> Path:
    """What can be made again: ``$XDG_CACHE_HOME/nightvoice``."""
    return _dirs().user_cache_path


def prompts_dir() -> Path:
    """Rendered prompts."""
    return cache_dir() / "prompts"


def log_file() -> Path:
    """What happened: ``$XDG_STATE_HOME/nightvoice/log/nightvoice.log``."""
    return _dirs().user_log_path / "nightvoice.log"


def orders_socket() -> Path:
    """Where ``nightvoice run`` takes orders from other programs: ``$XDG_STATE_HOME/nightvoice/orders``."""
    return _dirs().user_state_path / "orders"

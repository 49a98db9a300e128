"""The bundled English pack, and a recogniser of its intents."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import nightvoice.content
from nightvoice.understanding.recognizer import IntentRecognizer

PACK = Path(nightvoice.content.__file__).parent / "en" / "intents.yaml"


@pytest.fixture(scope="session")
def pack() -> dict[str, Any]:
    return yaml.safe_load(PACK.read_text())


@pytest.fixture(scope="session")
def recognizer(pack: dict[str, Any]) -> IntentRecognizer:
    return IntentRecognizer(pack)

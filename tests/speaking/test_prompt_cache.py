"""The prompt cache: each prompt is rendered once."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nightvoice.errors import NightvoiceError
from nightvoice.speaking.cache import PromptCache
from nightvoice.speaking.hibari_voice import HibariVoice
from nightvoice.speaking.voice import Speech


class CountingVoice:
    """Renders noise and records the texts."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.rendered: list[str] = []

    def render(self, text: str) -> Speech:
        self.rendered.append(text)
        noise = np.random.default_rng(len(text)).integers(-3000, 3000, 24_000, dtype=np.int16)
        return Speech(noise, 24_000)


@pytest.fixture
def voice() -> CountingVoice:
    return CountingVoice()


def stored(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_prompt_is_rendered_once_and_then_read(tmp_path: Path, voice: CountingVoice) -> None:
    first = PromptCache(lambda: voice, tmp_path).get("Good night.")
    again = PromptCache(lambda: voice, tmp_path).get("Good night.")
    assert voice.rendered == ["Good night."]
    assert (first.samples == again.samples).all()
    assert first.rate == again.rate
    assert [path.suffix for path in stored(tmp_path)] == [".flac"]


def test_without_a_folder_the_cache_is_in_memory(voice: CountingVoice) -> None:
    cache = PromptCache(lambda: voice, None)
    assert cache.get("Good.") is cache.get("Good.")
    assert cache.missing(["Good."]) == ["Good."]
    assert cache.prune([]) == 0


def test_memory_drops_the_least_recently_used(voice: CountingVoice) -> None:
    cache = PromptCache(lambda: voice, None)
    for n in range(200):
        cache.get(f"{n}")
        cache.get("often")
    assert voice.rendered.count("often") == 1
    cache.get("0")
    assert voice.rendered.count("0") == 2


def test_another_voice_or_pace_is_rendered_separately(tmp_path: Path, voice: CountingVoice) -> None:
    PromptCache(lambda: voice, tmp_path).get("Good.")
    slower = CountingVoice("counting-slow")
    PromptCache(lambda: slower, tmp_path).get("Good.")
    assert slower.rendered == ["Good."]
    assert len(stored(tmp_path)) == 2


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "text"])
def test_a_damaged_file_is_rendered_again_and_replaced(tmp_path: Path, voice: CountingVoice, damage: str) -> None:
    whole = PromptCache(lambda: voice, tmp_path).get("Good.")
    (path,) = stored(tmp_path)
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 0x55
    path.write_bytes({"flip": data, "cut": data[: len(data) // 2], "empty": b"", "text": b"no sound"}[damage])
    assert (PromptCache(lambda: voice, tmp_path).get("Good.").samples == whole.samples).all()
    assert len(voice.rendered) == 2
    assert PromptCache(lambda: voice, tmp_path).prepare(["Good."]) == 0


def test_prepare_renders_what_is_missing_and_reports_progress(tmp_path: Path, voice: CountingVoice) -> None:
    PromptCache(lambda: voice, tmp_path).get("b")
    seen: list[tuple[int, int]] = []
    cache = PromptCache(lambda: voice, tmp_path)
    assert cache.missing(["a", "b", "c"]) == ["a", "c"]
    assert cache.prepare(["a", "b", "a", "c"], lambda done, total: seen.append((done, total))) == 2
    assert voice.rendered == ["b", "a", "c"]
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert cache.missing(["a", "b", "c"]) == []


def test_prune_keeps_only_the_given_texts(tmp_path: Path, voice: CountingVoice) -> None:
    cache = PromptCache(lambda: voice, tmp_path)
    cache.prepare(["a", "b", "c"])
    assert cache.prune(["b"]) == 2
    assert cache.missing(["a", "b", "c"]) == ["a", "c"]


def test_an_unwritable_folder_does_not_keep_a_prompt_from_being_spoken(tmp_path: Path, voice: CountingVoice) -> None:
    (tmp_path / "file").touch()
    cache = PromptCache(lambda: voice, tmp_path / "file" / "prompts")
    assert cache.get("Good.").seconds == 1
    with pytest.raises(NightvoiceError, match="prompts cannot be stored"):
        cache.prepare(["Better."])


def test_a_night_from_the_cache_loads_no_model(tmp_path: Path) -> None:
    PromptCache(HibariVoice, tmp_path).get("Good night.")
    code = (
        "import sys; from pathlib import Path; from nightvoice.speaking.cache import PromptCache; "
        "from nightvoice.speaking.hibari_voice import HibariVoice; "
        f"speech = PromptCache(HibariVoice, Path({os.fspath(tmp_path)!r})).get('Good night.'); "
        "assert speech.seconds > 0.3; assert 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_keep_no_file_is_written(tmp_path: Path, voice: CountingVoice) -> None:
    cache = PromptCache(lambda: voice, tmp_path)
    assert cache.get("You had one cramp, at 2:13.", keep=False) is cache.get("You had one cramp, at 2:13.")
    assert stored(tmp_path) == []

"""Speaks to OpenVoiceOS as a person does, and hears what it says."""

import json
from typing import Any

from nightvoice.diary.event import Event
from nightvoice.diary.store import Diary
from nightvoice.system import paths
from tests.helpers.waiting import until

SKILL = "nightvoice.nightvoice"


class OpenVoiceOS:
    """ovoscope's MiniCroft: a voice that takes a tenth of a second for anything, and no sound."""

    def __init__(self) -> None:
        from ovoscope import get_minicroft

        self._croft = get_minicroft([SKILL])
        self._seen: list[tuple[str, dict[str, Any]]] = []
        self._croft.bus.on("message", self._note)

    def _note(self, message: str) -> None:
        found = json.loads(message)
        self._seen.append((found["type"], found["data"]))

    @property
    def said(self) -> list[str]:
        """What it said, in order."""
        return [data["utterance"] for topic, data in list(self._seen) if topic == "ovos.utterance.speak"]

    def topics(self) -> list[str]:
        """Whatever went over the bus."""
        return [topic for topic, _ in list(self._seen)]

    def say(self, text: str) -> int:
        """Words as OpenVoiceOS's recogniser gives them; how much it had said by then."""
        from ovos_bus_client.message import Message

        before = len(self.said)
        self._croft.bus.emit(Message("recognizer_loop:utterance", {"utterances": [text], "lang": "en-US"}))
        return before

    def hears(self, wordings: tuple[str, ...], since: int = 0) -> None:
        """Wait until one of ``wordings`` is said after ``since``."""
        until(lambda: any(text in wordings for text in self.said[since:]), f"one of {wordings}")

    @staticmethod
    def diary(*kinds: str) -> list[Event]:
        """What was written down."""
        if not paths.diary_file().exists():
            return []
        with Diary.open(paths.diary_url(), create=False) as diary:
            return [event for event in diary.events() if event.kind in kinds]

    def outcome(self) -> str:
        """How the episode ended, once it has."""
        until(lambda: bool(self.diary("episode_closed")), "the end of the episode")
        return str(self.diary("episode_closed")[0].data["outcome"])

    def stop(self) -> None:
        self._croft.stop()

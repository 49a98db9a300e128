"""A night of typed words whose parts can be exchanged."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from nightvoice import assembly
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.schema import Config
from nightvoice.content.countries import HelpNumbers
from nightvoice.diary.store import Diary
from nightvoice.diary.write_behind import WriteBehindDiary
from nightvoice.night.settings import Hooks
from nightvoice.rehearsal.script import NightScript, ScriptedUtterance
from nightvoice.rehearsal.silent import ScriptedListener, SilentAudio
from nightvoice.system.clock import LOCAL, ClockWatch

BEGAN = datetime(2026, 3, 1, 23, 0, tzinfo=LOCAL)
CRAMP = (
    ScriptedUtterance(at=5, say="i have a cramp in my left calf"),
    ScriptedUtterance(at=20, say="yes"),
    ScriptedUtterance(at=90, say="it's gone"),
)
Events = list[dict[str, Any]]


class Night:
    """One rehearsed night whose parts can be exchanged."""

    began = BEGAN

    def __init__(self, night: tuple[ScriptedUtterance, ...] = CRAMP, until: float = 150) -> None:
        script = NightScript(night=night, until=until)
        self.events: Events = []
        self.audio = SilentAudio(until)
        self.listener = ScriptedListener(script, assembly.build_recognizer(Config()))
        self.diary: Diary | WriteBehindDiary = Diary.open()
        self.left: str | None = None
        """What closing the diary said about events that it did not take."""
        self.config = Config()
        self.clock_watch: ClockWatch | None = None
        self.help_numbers: Callable[[], HelpNumbers] | None = None

    def play(self) -> Events:
        config = self.config
        hooks = Hooks(self.events.append, help_numbers=self.help_numbers, clock_watch=self.clock_watch)
        settings = assembly.night_settings(config, BEGAN)
        ports = AudioPorts(self.audio, self.audio)
        assembly.build_assistant(config, ports, self.listener, self.diary, settings, hooks).run()
        return self.events

    def named(self, name: str) -> Events:
        return [event for event in self.events if event["event"] == name]

    @property
    def said(self) -> list[str]:
        return [event["text"] for event in self.named("said")]

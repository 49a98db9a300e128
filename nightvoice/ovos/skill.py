"""The skill. OpenVoiceOS recognises and speaks; between the two is the same assistant as by the bed.

While a dialogue runs, ``converse`` takes what it understands and leaves the rest ("turn on the light") to other skills;
what none of them wants comes back as a fallback. So does a danger sign that is told out of the blue.
"""

from datetime import datetime
from functools import partial
from threading import Lock, Thread
from typing import Any, Final

from ovos_bus_client.message import Message
from ovos_bus_client.session import Session
from ovos_workshop.decorators import intent_handler
from ovos_workshop.skills.converse import ConversationalSkill
from ovos_workshop.skills.fallback import FallbackSkill

from nightvoice import assembly
from nightvoice.config.reader import load_config
from nightvoice.dialogue.events import Tick
from nightvoice.ovos.ears import OvosEars
from nightvoice.ovos.room import Mouth, OvosRoom
from nightvoice.system import paths
from nightvoice.system.clock import LOCAL

FALLBACK: Final = 4
"""Before skills that guess (0..4 are asked before intents of medium confidence)."""
UNASKED: Final = ("cramp", "flag", "suspicion")
"""What is answered although nothing was begun."""
TROUBLE: Final = ("part_failed", "diary_unavailable")


class NightvoiceSkill(FallbackSkill, ConversationalSkill):  # type: ignore[misc]
    """One bed: there is one dialogue at a time."""

    def initialize(self) -> None:
        """Called once the bus is there."""
        config = load_config()
        # The tone before an answer is what opens OpenVoiceOS's microphone.
        audio = config.audio.model_copy(update={"earcons": True})
        self._config = config.model_copy(update={"audio": audio})
        self._ears = OvosEars(assembly.make_understanding(self._config))
        self._journal = assembly.open_journal(self._config.diary.url or paths.diary_url())
        self._room: OvosRoom | None = None
        self._thread: Thread | None = None
        self._lock = Lock()
        self._latest = Message("")
        """What was said last: answers go where it came from."""
        self.register_fallback(self.handle_fallback, FALLBACK)
        self.add_event("recognizer_loop:audio_output_start", self._on_voice_started, speak_errors=False)
        self.add_event("recognizer_loop:audio_output_end", self._on_voice_finished, speak_errors=False)

    # --- what OpenVoiceOS asks of a skill ---------------------------------------------------------------------------

    @intent_handler("cramp.intent")  # type: ignore[untyped-decorator]
    def handle_cramp(self, message: Message) -> None:
        self._hear(message, "cramp")

    @intent_handler("stretch.intent")  # type: ignore[untyped-decorator]
    def handle_stretch(self, message: Message) -> None:
        self._hear(message, "stretch")

    @intent_handler("summary.intent")  # type: ignore[untyped-decorator]
    def handle_summary(self, message: Message) -> None:
        self._hear(message, "summary")

    def can_converse(self, message: Message) -> bool:
        return self._room is not None and self._ears.understand(_text(message)) is not None

    def converse(self, message: Message) -> bool:
        self._hear(message)
        return True

    def can_answer(self, message: Message) -> bool:
        return self._room is not None or self._ears.understand(_text(message)) in UNASKED

    def handle_fallback(self, message: Message) -> bool:
        if not self.can_answer(message):
            return False
        self._hear(message)
        return True

    def can_stop(self, message: Message) -> bool:
        return self._room is not None

    def stop_session(self, session: Session) -> bool:
        if self._room is None:
            return False
        self._ears.take("", "stop")
        return True

    def shutdown(self) -> None:
        """OpenVoiceOS ends, or lets go of the skill."""
        if self._room is not None:
            self._room.close()
        if self._thread is not None:
            self._thread.join()
        self._journal.close()

    # --- the dialogue -----------------------------------------------------------------------------------------------

    def _hear(self, message: Message, intent: str | None = None) -> None:
        """``intent``: which of our intent files it was, whatever else was said with it."""
        with self._lock:
            self._latest = message
            self._ears.take(_text(message), intent)
            if self._room is None:
                self._room = OvosRoom(
                    Mouth(self._say, partial(self._tell, "mycroft.audio.speech.stop"), self._listen, self._volume)
                )
                self._thread = Thread(target=self._run, args=(self._room,), name="nightvoice", daemon=True)
                self._thread.start()
        self._stay(message)

    def _run(self, room: OvosRoom) -> None:
        """Until nothing is said, asked or waited for any more."""
        try:
            while self._goes_on(room):
                assembly.make_assistant(
                    self._config, room, self._ears, self._journal, datetime.now(LOCAL), self._note, room.speech,
                    only=Tick(0.0),  # nothing: it begins with the words that wait in the ears
                ).run()  # fmt: skip
        except Exception:  # a fault of ours: the next words begin anew
            self.log.exception("nightvoice: the dialogue broke off")
            self._over()
        self._leave(self._latest)

    def _goes_on(self, room: OvosRoom) -> bool:
        with self._lock:
            if self._ears.waiting and not room.closed:
                return True
            self._over()
            return False

    def _over(self) -> None:
        self._room = None
        self._ears.rest()

    def _say(self, text: str) -> None:
        self._speak_to(self._latest, text)

    def _listen(self) -> None:
        self._stay(self._latest)
        self._tell("mycroft.mic.listen")

    def _volume(self, up: bool) -> None:
        self._tell("mycroft.volume.increase" if up else "mycroft.volume.decrease")

    def _tell(self, topic: str) -> None:
        self.bus.emit(self._latest.forward(topic))

    def _note(self, event: dict[str, Any]) -> None:
        """Into OpenVoiceOS's log only what went wrong; no word that was spoken."""
        if event["event"] in TROUBLE:
            self.log.error(f"{event['event']}: {event['why']}")

    def _on_voice_started(self, message: Message) -> None:
        if self._room is not None:
            self._room.started()

    def _on_voice_finished(self, message: Message) -> None:
        if self._room is not None:
            self._room.finished()

    # OpenVoiceOS finds the session to act in by the message among the arguments of whoever calls it.

    def _speak_to(self, message: Message, text: str) -> None:
        self.speak(text)

    def _stay(self, message: Message) -> None:
        """Be asked what was said, for some minutes more."""
        self.activate()

    def _leave(self, message: Message) -> None:
        self.deactivate()


def _text(message: Message) -> str:
    return str((message.data.get("utterances") or [message.data.get("utterance", "")])[0])

"""The skill: OpenVoiceOS recognises and speaks; the same assistant as at the bedside runs in between.

While a dialogue runs, ``converse`` handles the words it understands and leaves others ("turn on the light") to other
skills. Words that no skill handles come back as a fallback, and so does a danger sign while no dialogue runs.
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
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.reader import load_config
from nightvoice.dialogue.events import Tick
from nightvoice.night.settings import Hooks
from nightvoice.ovos.listener import OvosListener
from nightvoice.ovos.speaker import OvosSpeaker, SilentMicrophone, VoiceService
from nightvoice.system import paths
from nightvoice.system.clock import LOCAL

FALLBACK: Final = 4
"""Fallback priority: ahead of skills that guess (0..4 come before intents of medium confidence)."""
UNASKED: Final = ("cramp", "flag", "suspicion")
"""Intents that are answered while no dialogue runs."""
TROUBLE: Final = ("part_failed", "diary_unavailable")


class NightvoiceSkill(FallbackSkill, ConversationalSkill):  # type: ignore[misc]
    """The skill for one bed; it runs one dialogue at a time."""

    def initialize(self) -> None:
        """Set up the skill once the bus is available."""
        self._config = load_config()
        recognizer = assembly.build_recognizer(self._config)
        recognizer.load()
        self._listener = OvosListener(recognizer)
        self._diary = assembly.open_diary(self._config.diary.url or paths.diary_url(), self._config.daily.night_ends)
        stop = partial(self._tell, "mycroft.audio.speech.stop")
        self._voice_service = VoiceService(self._say, stop, self._listen, self._volume)
        self._microphone: SilentMicrophone | None = None
        self._speaker: OvosSpeaker | None = None
        """None, like ``_microphone``, while no dialogue runs."""
        self._thread: Thread | None = None
        self._lock = Lock()
        self._latest = Message("")
        """Message of the latest utterance; replies go back to its source."""
        self.register_fallback(self.handle_fallback, FALLBACK)
        self.add_event("recognizer_loop:audio_output_start", self._on_voice_started, speak_errors=False)
        self.add_event("recognizer_loop:audio_output_end", self._on_voice_finished, speak_errors=False)

    # --- methods that OpenVoiceOS calls -----------------------------------------------------------------------------

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
        return self._microphone is not None and self._listener.understand(_text(message)) is not None

    def converse(self, message: Message) -> bool:
        self._hear(message)
        return True

    def can_answer(self, message: Message) -> bool:
        return self._microphone is not None or self._listener.understand(_text(message)) in UNASKED

    def handle_fallback(self, message: Message) -> bool:
        if not self.can_answer(message):
            return False
        self._hear(message)
        return True

    def can_stop(self, message: Message) -> bool:
        return self._microphone is not None

    def stop_session(self, session: Session) -> bool:
        if self._microphone is None:
            return False
        self._listener.take("", "stop")
        return True

    def shutdown(self) -> None:
        """Stop when OpenVoiceOS ends or unloads the skill."""
        if self._microphone is not None:
            self._microphone.close()
        if self._thread is not None:
            self._thread.join()
        if waiting := self._diary.close():
            self.log.error(waiting)

    # --- the dialogue -----------------------------------------------------------------------------------------------

    def _hear(self, message: Message, intent: str | None = None) -> None:
        """Pass an utterance to the dialogue, and start one if none runs. ``intent``: the intent file that matched."""
        with self._lock:
            self._latest = message
            self._listener.take(_text(message), intent)
            if self._microphone is None:
                self._microphone, self._speaker = SilentMicrophone(), OvosSpeaker(self._voice_service)
                ports = (self._microphone, self._speaker)
                self._thread = Thread(target=self._run, args=ports, name="nightvoice", daemon=True)
                self._thread.start()
        self._stay(message)

    def _run(self, microphone: SilentMicrophone, speaker: OvosSpeaker) -> None:
        """Run dialogues until no words are queued."""
        try:
            while self._goes_on(microphone):
                # The dialogue starts with the words that wait in the listener, not with an event.
                settings = assembly.night_settings(self._config, datetime.now(LOCAL), only=Tick(0.0))
                audio = AudioPorts(microphone, speaker)
                hooks = Hooks(self._note, keep_condition=assembly.keep_condition)
                assembly.build_assistant(self._config, audio, self._listener, self._diary, settings, hooks).run()
        except Exception:  # a bug of ours: the next words start a new dialogue
            self.log.exception("nightvoice: the dialogue broke off")
            self._over()
        self._leave(self._latest)

    def _goes_on(self, microphone: SilentMicrophone) -> bool:
        with self._lock:
            if self._listener.waiting and not microphone.closed:
                return True
            self._over()
            return False

    def _over(self) -> None:
        self._microphone = self._speaker = None
        self._listener.rest()

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
        """Log problems in OpenVoiceOS's log, without spoken words."""
        if event["event"] in TROUBLE:
            self.log.error(f"{event['event']}: {event['why']}")

    def _on_voice_started(self, message: Message) -> None:
        if self._speaker is not None:
            self._speaker.on_started()

    def _on_voice_finished(self, message: Message) -> None:
        if self._speaker is not None:
            self._speaker.on_finished()

    # OpenVoiceOS takes the session from a message among the caller's arguments.

    def _speak_to(self, message: Message, text: str) -> None:
        self.speak(text)

    def _stay(self, message: Message) -> None:
        """Ask OpenVoiceOS to offer us utterances for some more minutes."""
        self.activate()

    def _leave(self, message: Message) -> None:
        self.deactivate()


def _text(message: Message) -> str:
    return str((message.data.get("utterances") or [message.data.get("utterance", "")])[0])

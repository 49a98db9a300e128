"""The skill: OpenVoiceOS recognises and speaks; between the two runs the same assistant as at the bedside.

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
from nightvoice.audio.ports import AudioPorts
from nightvoice.config.reader import load_config
from nightvoice.dialogue.events import Tick
from nightvoice.night.settings import Hooks
from nightvoice.ovos.listener import OvosListener
from nightvoice.ovos.speaker import OvosSpeaker, SilentMicrophone, VoiceService
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
        self._config = load_config()
        self._listener = OvosListener(assembly.build_recognizer(self._config))
        self._diary = assembly.open_diary(self._config.diary.url or paths.diary_url())
        stop = partial(self._tell, "mycroft.audio.speech.stop")
        self._voice_service = VoiceService(self._say, stop, self._listen, self._volume)
        self._microphone: SilentMicrophone | None = None
        self._speaker: OvosSpeaker | None = None
        """Both are None while no dialogue runs."""
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
        """OpenVoiceOS ends, or lets go of the skill."""
        if self._microphone is not None:
            self._microphone.close()
        if self._thread is not None:
            self._thread.join()
        self._diary.close()

    # --- the dialogue -----------------------------------------------------------------------------------------------

    def _hear(self, message: Message, intent: str | None = None) -> None:
        """``intent``: which of our intent files it was, whatever else was said with it."""
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
        """Run dialogues until nothing is being said, asked or waited for."""
        try:
            while self._goes_on(microphone):
                # The dialogue starts with the words that wait in the listener, not with an event.
                settings = assembly.night_settings(self._config, datetime.now(LOCAL), only=Tick(0.0))
                audio = AudioPorts(microphone, speaker)
                hooks = Hooks(sink=self._note)
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
        """Into OpenVoiceOS's log only what went wrong; no word that was spoken."""
        if event["event"] in TROUBLE:
            self.log.error(f"{event['event']}: {event['why']}")

    def _on_voice_started(self, message: Message) -> None:
        if self._speaker is not None:
            self._speaker.on_started()

    def _on_voice_finished(self, message: Message) -> None:
        if self._speaker is not None:
            self._speaker.on_finished()

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

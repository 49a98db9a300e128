"""Schema of the configuration: one section per topic; every key is optional and has a description."""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from nightvoice.config.choices import ENGINES, VOICES, OneOf
from nightvoice.content.countries import UNIVERSAL, HelpNumbers, country_of_clock, help_numbers, is_country
from nightvoice.system.strict import Strict

Device = Annotated[str | int | None, BeforeValidator(lambda v: int(v) if isinstance(v, str) and v.isdecimal() else v)]
"""A sound device: its number, part of its name, or None for the system default."""
UserPath = Annotated[Path | None, BeforeValidator(lambda v: os.path.expanduser(v) if isinstance(v, str) else v)]
"""A path that may start with ``~``."""


class Section(Strict):
    """Base of all sections; its docstring is shown above the section by ``nightvoice config show``."""


class AudioSettings(Section):
    """Microphone and loudspeaker."""

    input_device: Device = Field(default=None, description="Microphone: part of its name, or its number.")
    output_device: Device = Field(default=None, description="Loudspeaker: part of its name, or its number.")
    night_volume: float = Field(default=0.35, ge=0, le=1, description="Volume at night, 0 to 1.")
    help_volume: float = Field(default=0.9, ge=0, le=1, description="Volume when help is needed, 0 to 1.")
    earcons: bool = Field(default=True, description="Play a short, soft sound after each question.")


class ListeningSettings(Section):
    """Speech recognition."""

    engine: Annotated[str, OneOf(ENGINES)] = Field(
        default="auto",
        description="Recogniser: auto (the first that is installed), moonshine, vosk, pocketsphinx, or another.",
    )
    vosk_model: UserPath = Field(
        default=None, description="Folder of a Vosk model; default: the one that setup downloads."
    )
    sensitivity: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Sensitivity, 0 to 1; higher hears more words, but also mistakes more noise for words.",
    )
    second_ear: bool = Field(
        default=True,
        description="Read again what was not understood in an episode, and calls for help, with Whisper; takes 200 MB.",
    )


class VoiceSettings(Section):
    """The voice that speaks."""

    engine: Annotated[str, OneOf(VOICES)] = Field(
        default="auto",
        description="Voice: auto (the best that is installed), hibari (natural), espeak (runs everywhere), or another.",
    )
    whisper: bool = Field(
        default=False,
        description='Whisper during a cramp, and say only what is needed; "louder" ends it for the night.',
    )
    rate_wpm: int = Field(default=150, ge=100, le=220, description="Speaking rate in words per minute, 100 to 220.")


class DiarySettings(Section):
    """Where nights are stored."""

    url: str | None = Field(
        default=None,
        description="Diary file, or postgresql://USER@HOST/DATABASE; unset: a file in the data folder.",
    )


class DailySettings(Section):
    """Times of your day: when a night ends, and when nightvoice starts a conversation."""

    morning: time | None = Field(
        default=None, description='Time of the spoken summary, like 08:00; unset: when you say "good morning".'
    )
    evening: time | None = Field(
        default=None, description='Time to ask about your day, like 21:30; unset: when you say "good evening".'
    )
    stretches: time | None = Field(
        default=None, description="Time to offer the bedtime stretches, like 22:00; unset: never."
    )
    night_ends: time = Field(
        default=time(12),
        ge=time(9),
        le=time(21),
        description="When a night ends and the next begins; if you sleep by day, a time after you get up, like 18:00.",
    )


class SafetySettings(Section):
    """Emergencies."""

    country: Annotated[str | None, BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)] = Field(
        default=None,
        description="Two-letter country code for the numbers to call, like GB; unset: taken from the time zone.",
    )
    emergency_number: str = Field(
        default=UNIVERSAL,
        pattern=r"^\+?[0-9][0-9 ]{1,19}$",
        description="Emergency number that is spoken; unset: the country's.",
    )
    contact: str | None = Field(
        default=None,
        description="Name of your contact, only shown in your profile; the address is in notify.",
    )

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, country: str | None) -> str | None:
        if country is not None and not is_country(country):
            raise ValueError("no country has this code; use two letters like GB, IE or US")
        return country

    @model_validator(mode="before")
    @classmethod
    def _number_of_the_country(cls, data: dict[str, Any]) -> dict[str, Any]:
        country = data.get("country") or country_of_clock()
        return {"emergency_number": help_numbers(country and str(country).upper()).emergency, **data}

    @property
    def help_numbers(self) -> HelpNumbers:
        """The numbers to call: those of the country, and the emergency number that was set."""
        return replace(help_numbers(self.country or country_of_clock()), emergency=self.emergency_number)


class ProfileSettings(Section):
    """About you. Say only what you like; it selects the advice that fits you, and stays in this file."""

    fall_risk: bool = Field(default=False, description="I fall easily, or get dizzy: steps in bed only.")
    limited_mobility: bool = Field(default=False, description="I can't reach my feet, or move with difficulty.")
    helper: bool = Field(default=False, description="Somebody is with me at night and can help.")
    pregnant: bool = Field(default=False, description="I am pregnant: gentle stretches only.")
    blood_thinners: bool = Field(default=False, description="I take a blood thinner.")
    diabetes: bool = Field(default=False, description="I have diabetes.")
    neuropathy: bool = Field(default=False, description="My feet are numb (neuropathy).")
    arterial_disease: bool = Field(default=False, description="I have narrowed arteries in my legs.")
    kidney_disease: bool = Field(default=False, description="I have kidney disease.")
    heart_disease: bool = Field(default=False, description="I have heart disease.")

    @property
    def conditions(self) -> frozenset[str]:
        """Names of the conditions that are true."""
        return frozenset(name for name, holds in self if holds)


class ReportSettings(Section):
    """Facts about you for the report for a doctor. They are printed there and used nowhere else."""

    name: str | None = Field(default=None, max_length=60, description="Your name, for the report.")
    born: str | None = Field(default=None, max_length=20, description="Your date of birth, for the report.")
    medicines: str | None = Field(
        default=None, max_length=200, description="The medicines you take, as you would tell a doctor."
    )
    pain_on_walking: bool | None = Field(
        default=None, description="Does a calf hurt when you walk, and stop when you stand still? yes or no"
    )
    urge_to_move: bool | None = Field(
        default=None, description="Do you feel an urge to move your legs when you rest in the evening? yes or no"
    )
    numbness: bool | None = Field(
        default=None, description="Are your feet numb or tingling, and does it stay? yes or no"
    )
    swelling: bool | None = Field(default=None, description="Is a leg swollen, hot or red by day? yes or no")


class LogSettings(Section):
    """The technical log, separate from the diary."""

    words: bool = Field(default=False, description="Also log the words that were heard and said, for debugging.")


class RecordingSettings(Section):
    """Sound of the room, kept for debugging. Off unless you set minutes; nightvoice then announces it at the start."""

    minutes: int = Field(
        default=0,
        ge=0,
        le=600,
        description="Minutes of sound to keep on this device, 2 MB each; 0 keeps none.",
    )


class ModelsSettings(Section):
    """Where models are downloaded from."""

    url: str | None = Field(default=None, pattern=r"^https?://", description="Mirror that setup downloads models from.")


class BridgeSettings(Section):
    """MQTT broker that nightvoice bridge publishes to, for Home Assistant and others."""

    host: str | None = Field(default=None, description="Name or address of the MQTT broker; unset: no MQTT.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="Port of the broker; unset: 1883, or 8883 with tls."
    )
    tls: bool = Field(default=False, description="Encrypt the connection and verify the broker's certificate.")
    ca_file: UserPath = Field(
        default=None, description="CA certificate, if the broker's is signed by an authority of your own."
    )
    certificate_file: UserPath = Field(default=None, description="Client certificate, if the broker requires one.")
    key_file: UserPath = Field(default=None, description="Private key of the client certificate.")
    username: str | None = Field(default=None, description="User name for the broker.")
    password: SecretStr | None = Field(default=None, description="Password for the broker; password_file is safer.")
    password_file: UserPath = Field(default=None, description="File that contains only the password.")
    bed: str = Field(default="bed", pattern=r"^[a-z0-9_-]{1,40}$", description="Name of this bed: a-z, 0-9, _ and -.")
    prefix: str = Field(default="nightvoice", pattern=r"^[^+#\s]+$", description="Start of all topics: PREFIX/BED/...")
    discovery: str = Field(
        default="homeassistant",
        pattern=r"^[^+#\s]+$",
        description="Topic prefix under which Home Assistant discovers devices.",
    )
    batches: bool = Field(
        default=False,
        description="For a bed of a ward: publish many events in one message for nightvoice hub (PREFIX/BED/batch).",
    )


class NotifySettings(Section):
    """Messages to your contact when you ask for help or report a danger sign. Off until an address is set."""

    url: SecretStr | None = Field(
        default=None, description="Address of your contact as an Apprise URL; url_file is safer."
    )
    url_file: UserPath = Field(default=None, description="File with Apprise URLs, one per line.")
    help: bool = Field(default=True, description='Send a message when you say "help".')
    danger: bool = Field(default=True, description="Send a message when you report an urgent danger sign.")

    @property
    def wanted(self) -> bool:
        """Whether an address is set."""
        return self.url is not None or self.url_file is not None


class HubSettings(Section):
    """nightvoice hub, for a ward: stores the events of all beds, from the broker in bridge, in PostgreSQL."""

    database: SecretStr | None = Field(
        default=None, description="Database: postgresql://USER@HOST/DATABASE; keep its password in ~/.pgpass."
    )
    name: str = Field(
        default="hub", pattern=r"^[a-z0-9_-]{1,40}$", description="Name of this hub; each running hub needs its own."
    )


class Config(Section):
    """The whole configuration, as ``nightvoice config show`` prints it."""

    language: str = Field(
        default="en", pattern=r"^[a-z]{2}$", description="Two-letter code of the language that is heard and spoken."
    )
    audio: AudioSettings = AudioSettings()
    listening: ListeningSettings = ListeningSettings()
    voice: VoiceSettings = VoiceSettings()
    diary: DiarySettings = DiarySettings()
    daily: DailySettings = DailySettings()
    profile: ProfileSettings = ProfileSettings()
    safety: SafetySettings = Field(default_factory=SafetySettings)
    report: ReportSettings = ReportSettings()
    log: LogSettings = LogSettings()
    recording: RecordingSettings = RecordingSettings()
    models: ModelsSettings = ModelsSettings()
    bridge: BridgeSettings = BridgeSettings()
    notify: NotifySettings = NotifySettings()
    hub: HubSettings = HubSettings()

    def with_profile(self, conditions: Iterable[str]) -> "Config":
        """Return a copy for a person with exactly these conditions."""
        return self.model_copy(update={"profile": ProfileSettings.model_validate(dict.fromkeys(conditions, True))})

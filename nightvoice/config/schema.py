"""The schema of the configuration: a section per topic, every key optional, documented by its description."""

import os
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from nightvoice.content.countries import UNIVERSAL, country_of_clock, emergency_number

Device = Annotated[str | int | None, BeforeValidator(lambda v: int(v) if isinstance(v, str) and v.isdecimal() else v)]
"""A sound device: its number, part of its name, or None for the system's default."""
UserPath = Annotated[Path | None, BeforeValidator(lambda v: os.path.expanduser(v) if isinstance(v, str) else v)]
"""A path that may begin with ``~``."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Audio(Section):
    """Microphone and loudspeaker."""

    input_device: Device = Field(default=None, description="Microphone: part of its name, or its number.")
    output_device: Device = Field(default=None, description="Loudspeaker: part of its name, or its number.")
    night_volume: float = Field(default=0.35, ge=0, le=1, description="How loud it speaks at night, 0 to 1.")
    help_volume: float = Field(default=0.9, ge=0, le=1, description="How loud it speaks when help is needed, 0 to 1.")
    earcons: bool = Field(default=True, description="Play a short, soft sound after each question.")


class Listening(Section):
    """From sound to what was meant."""

    engine: Literal["auto", "moonshine", "vosk", "pocketsphinx"] = Field(
        default="auto",
        description="Recognition: moonshine, vosk, pocketsphinx, or auto (the first of them that is there).",
    )
    vosk_model: UserPath = Field(default=None, description="Folder of a Vosk model other than the one setup fetches.")
    sensitivity: float = Field(
        default=0.5, ge=0, le=1, description="0 to 1: higher takes more sounds for words, rightly and wrongly."
    )


class Voice(Section):
    """How it speaks."""

    engine: Literal["auto", "hibari", "espeak"] = Field(
        default="auto",
        description="Voice: hibari (natural), espeak (plain, runs everywhere), or auto (the best).",
    )
    rate_wpm: int = Field(default=150, ge=100, le=220, description="Speed of speech in words a minute, 100 to 220.")


class Diary(Section):
    """Where nights are written down."""

    url: str | None = Field(
        default=None,
        description="Diary elsewhere than in the data folder: a file, or a server: postgresql://USER@HOST/DATABASE",
    )


class Daily(Section):
    """What it begins by itself, each at a time of day."""

    morning: time | None = Field(default=None, description="Tell the night at, like 08:00; else to good morning.")
    evening: time | None = Field(default=None, description="Ask about the day at, like 21:30; else to good evening.")
    stretches: time | None = Field(default=None, description="Offer the bedtime stretches at, like 22:00.")


class Safety(Section):
    """When it is more than a cramp."""

    country: Annotated[str | None, BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)] = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="Country by two letters, like GB, for the emergency number; else that of the clock's time zone.",
    )
    emergency_number: str = Field(
        default=UNIVERSAL,
        pattern=r"^\+?[0-9][0-9 ]{1,19}$",
        description="The number to call that it says in an emergency; else the country's.",
    )
    contact: str | None = Field(default=None, description="Who is notified (see notify), by name.")

    @model_validator(mode="before")
    @classmethod
    def _number_of_the_country(cls, data: dict[str, Any]) -> dict[str, Any]:
        country = data.get("country") or country_of_clock()
        return {"emergency_number": emergency_number(country and str(country).upper()), **data}


class Profile(Section):
    """About you. Say only what you like; it decides which advice is for you, and stays in this file."""

    fall_risk: bool = Field(default=False, description="I fall easily, or get dizzy: steps in bed only.")
    limited_mobility: bool = Field(default=False, description="I can't reach my feet, or move with difficulty.")
    helper: bool = Field(default=False, description="Somebody is with me at night who can lend a hand.")
    pregnant: bool = Field(default=False, description="I am pregnant: gentle stretches only.")
    blood_thinners: bool = Field(default=False, description="I take a blood thinner.")
    diabetes: bool = Field(default=False, description="I have diabetes.")
    neuropathy: bool = Field(default=False, description="My feet are numb (neuropathy).")
    arterial_disease: bool = Field(default=False, description="I have narrowed arteries in my legs.")
    kidney_disease: bool = Field(default=False, description="I have kidney disease.")
    heart_disease: bool = Field(default=False, description="I have heart disease.")

    @property
    def conditions(self) -> frozenset[str]:
        """Those that hold."""
        return frozenset(name for name, holds in self if holds)


class Report(Section):
    """What the page for a doctor says of you. It is printed there, and used nowhere else."""

    name: str | None = Field(default=None, max_length=60, description="Your name, on the page for a doctor.")
    born: str | None = Field(default=None, max_length=20, description="When you were born, on the page for a doctor.")
    medicines: str | None = Field(
        default=None, max_length=200, description="The medicines that you take, as you would tell a doctor."
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


class Log(Section):
    """The log of what happened, beside the diary."""

    words: bool = Field(default=False, description="Log also the words that were heard and said, to find a fault.")


class Recording(Section):
    """The sound of the room, kept to find a fault. Off unless you set minutes; it then says so when it begins."""

    minutes: int = Field(
        default=0,
        ge=0,
        le=600,
        description="Keep the sound of the last so many minutes on this device, 2 MB each; 0 keeps none.",
    )


class Models(Section):
    """Where models are downloaded from."""

    url: str | None = Field(default=None, pattern=r"^https?://", description="A mirror for setup to fetch models from.")


class Bridge(Section):
    """What nightvoice bridge publishes, for Home Assistant and others: to an MQTT broker of your own."""

    host: str | None = Field(default=None, description="The MQTT broker's name or address; without it, no MQTT.")
    port: int | None = Field(default=None, ge=1, le=65535, description="Its port; else 1883, or 8883 with tls.")
    tls: bool = Field(default=False, description="Encrypt the connection, and check who the broker is.")
    ca_file: UserPath = Field(default=None, description="Certificate of the broker's own authority, if it has one.")
    certificate_file: UserPath = Field(default=None, description="Certificate of this device, if the broker asks.")
    key_file: UserPath = Field(default=None, description="Key of that certificate.")
    username: str | None = Field(default=None, description="Name to log in with.")
    password: SecretStr | None = Field(default=None, description="Password to log in with; rather use password_file.")
    password_file: UserPath = Field(default=None, description="File that holds the password, and nothing else.")
    bed: str = Field(default="bed", pattern=r"^[a-z0-9_-]{1,40}$", description="Name of this bed: a-z, 0-9, _ and -.")
    prefix: str = Field(default="nightvoice", pattern=r"^[^+#\s]+$", description="Topics are PREFIX/BED/...")
    discovery: str = Field(
        default="homeassistant", pattern=r"^[^+#\s]+$", description="Where Home Assistant looks for new devices."
    )


class Notify(Section):
    """Messages to somebody of your choice when you ask for help, or tell of a danger sign. Off until url is set."""

    url: SecretStr | None = Field(default=None, description="Their address, as Apprise writes it; rather use url_file.")
    url_file: UserPath = Field(default=None, description="File that holds such addresses, one a line.")
    help: bool = Field(default=True, description='Send a message when you say "help".')
    danger: bool = Field(default=True, description="Send a message when a pressing danger sign was told.")

    @property
    def wanted(self) -> bool:
        """Whether there is somebody to notify."""
        return self.url is not None or self.url_file is not None


class Hub(Section):
    """nightvoice hub, for a ward: the beds' messages, from the broker that bridge names, into PostgreSQL."""

    database: SecretStr | None = Field(
        default=None, description="Where to: postgresql://USER@HOST/DATABASE; its password rather in ~/.pgpass."
    )
    name: str = Field(
        default="hub", pattern=r"^[a-z0-9_-]{1,40}$", description="Name of this hub; another one for each that runs."
    )


class Config(Section):
    """The whole configuration; ``nightvoice config show`` prints it."""

    language: str = Field(
        default="en", pattern=r"^[a-z]{2}$", description="Language it hears and speaks, by its two-letter code."
    )
    audio: Audio = Audio()
    listening: Listening = Listening()
    voice: Voice = Voice()
    diary: Diary = Diary()
    daily: Daily = Daily()
    profile: Profile = Profile()
    safety: Safety = Field(default_factory=Safety)
    report: Report = Report()
    log: Log = Log()
    recording: Recording = Recording()
    models: Models = Models()
    bridge: Bridge = Bridge()
    notify: Notify = Notify()
    hub: Hub = Hub()

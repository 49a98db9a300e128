"""The sound devices as the page uses them. The sound library is loaded only then: most pages never need it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nightvoice.audio.devices.spec import Device
    from nightvoice.config.schema import Config


def list_devices() -> "list[Device]":
    """Return the connected devices. Raises NightvoiceError if the sound library cannot list them."""
    from nightvoice.audio.devices import listing  # noqa: PLC0415

    return listing.list_devices()


def play_sample(config: "Config") -> None:
    """Speak a sentence with the voice, loudspeaker and night volume of ``config``. Raises NightvoiceError."""
    from nightvoice.speaking.say import SAMPLE, say_aloud  # noqa: PLC0415

    say_aloud(SAMPLE, config)

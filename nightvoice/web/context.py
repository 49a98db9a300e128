"""The context shared by the pages of one bed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from starlette.requests import Request

from nightvoice.audio.devices.spec import Device
from nightvoice.config.reader import load_config
from nightvoice.config.schema import Config
from nightvoice.content.loader import load_pack
from nightvoice.content.pages import load_pages
from nightvoice.content.schema import Pack
from nightvoice.diary.store import Diary
from nightvoice.insight.night import last_night
from nightvoice.web import sound_devices
from nightvoice.web.kit.access import Access
from nightvoice.web.microphone_trial import MicrophoneTrial
from nightvoice.web.night_cache import NightCache

_DERIVED_FACTORS: Final = frozenset({"weekend", "since_stretches"})
"""Factors that are derived from the diary, so the forms do not ask for them."""


def _local_now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class Context:
    """The diary, the login and the clock of one bed's page."""

    diary: Diary
    access: Access
    now: Callable[[], datetime] = _local_now
    """Return the local time, aware."""
    night_cache: NightCache = field(init=False)
    """Cache for pages that need many nights."""
    list_devices: Callable[[], Sequence[Device]] = field(default_factory=sound_devices.DeviceList)
    play_sample: Callable[[Config], None] = sound_devices.play_sample
    """Play a sentence to try a loudspeaker."""
    microphone_trial: MicrophoneTrial = field(default_factory=MicrophoneTrial)
    count_waiting: Callable[[], int] = lambda: 0
    """Return how many events of a night the diary could not take yet."""
    templates: Path = Path(__file__).parent / "pages" / "templates"

    def __post_init__(self) -> None:
        self.night_cache = NightCache(self.diary, self.now)

    def last_night(self) -> date:
        """Return the date of the night that people call "last night" now. May raise StorageUnavailable."""
        return last_night(self.now(), self.diary.night_end())

    @property
    def config(self) -> Config:
        """The configuration, reread each time because it may have changed. Raises NightvoiceError."""
        return load_config()

    @property
    def pack(self) -> Pack:
        return load_pack(self.config.language)

    @property
    def tags(self) -> dict[str, str]:
        """Label by name of each tag that the forms about a day ask for."""
        factors = load_pages(self.config.language).patterns.factors
        return {name: factor.label for name, factor in factors.items() if name not in _DERIVED_FACTORS}


def context_of(request: Request) -> Context:
    """Return the context of the application that serves ``request``."""
    context: Context = request.app.state.context
    return context

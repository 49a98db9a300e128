"""Errors of the diary itself; those of its database are in ``storage.errors``."""

from datetime import datetime

from nightvoice.errors import NightvoiceError


class NoSuchEpisode(NightvoiceError):  # noqa: N818
    """The episode does not exist or was deleted."""


class OverlappingEpisode(NightvoiceError):  # noqa: N818
    """The diary has a cramp at that time already."""

    def __init__(self, id: int, onset: datetime) -> None:
        super().__init__(
            f"the diary has a cramp at that time already: number {id}, from {onset:%Y-%m-%d %H:%M}; "
            f"nightvoice episodes edit {id} changes it"
        )
        self.id, self.onset = id, onset

"""Errors of the diary itself; those of its database are in ``storage.errors``."""

from nightvoice.errors import NightvoiceError


class NoSuchEpisode(NightvoiceError):  # noqa: N818
    """The episode does not exist or was deleted."""

"""The roles of the ward page."""

from enum import StrEnum


class Role(StrEnum):
    """Role of an account: its permissions."""

    WARD = "ward"
    """Sees the ward."""
    STUDY = "study"
    """Downloads the pseudonymous export and sees no bed."""
    ADMIN = "admin"
    """Sees the ward, and manages accounts and retention."""

"""The roles of the ward page."""

from enum import StrEnum


class Role(StrEnum):
    """What an account may see and do. Every account has one role."""

    WARD = "ward"
    """Sees the ward."""
    STUDY = "study"
    """Downloads the pseudonymous export and sees no bed."""
    ADMIN = "admin"
    """Sees the ward, and manages accounts and retention."""

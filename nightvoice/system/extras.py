"""Imports of optional parts, with an error that names the missing extra."""

from collections.abc import Iterator
from contextlib import contextmanager

from nightvoice.errors import NightvoiceError


@contextmanager
def require_extra(extra: str) -> Iterator[None]:
    """Import packages of ``extra`` inside this block. Raises NightvoiceError if one is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise NightvoiceError(
            f"this needs the Python package {error.name}, which is not installed; pip install 'nightvoice[{extra}]'"
        ) from None

"""What only some users need is installed with an extra; without it they are told which."""

from collections.abc import Iterator
from contextlib import contextmanager

from nightvoice.errors import NightvoiceError


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Import what belongs to ``extra`` within. Raises NightvoiceError where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise NightvoiceError(
            f"this needs the Python package {error.name}, which is not installed; pip install 'nightvoice[{extra}]'"
        ) from None

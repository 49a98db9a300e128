"""The error shown to users: one line that names the problem and the remedy."""


class NightvoiceError(Exception):
    """Wrong usage or unusable input. The CLI prints the one-line message and exits with ``exit_code``."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """Return ``text`` on one line, without control characters for cursor or writing direction."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def reason(error: OSError | UnicodeError) -> str:
    """Return the reason for ``error``, such as ``permission denied``, for the end of a sentence."""
    if isinstance(error, UnicodeError):
        return "is not UTF-8 text"
    return (error.strerror or str(error)).lower()

"""The error that reaches people: one line that names the thing and says what to do."""


class NightvoiceError(Exception):
    """Wrong use or unusable input. The CLI prints the one-line message and exits with ``exit_code``."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """Return ``text`` on one line, without characters that move the cursor or change the writing direction."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def reason(error: OSError | UnicodeError) -> str:
    """Return why a file or address could not be used, such as ``permission denied``, to end a sentence with."""
    if isinstance(error, UnicodeError):
        return "is not UTF-8 text"
    return (error.strerror or str(error)).lower()

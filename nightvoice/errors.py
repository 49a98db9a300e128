"""The one error that reaches people: a single line that names the thing and says what to do."""


class NightvoiceError(Exception):
    """Wrong use or unusable input; the message is one line. The CLI prints it and leaves with ``exit_code``."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """``text`` on one line, whatever it quotes; nothing in it moves a cursor or turns writing round."""
    return "".join(letter if letter.isprintable() else " " for letter in text)

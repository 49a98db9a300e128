"""The one error that reaches people: a single line that names the thing and says what to do."""


class NightvoiceError(Exception):
    """Wrong use or unusable input; the message is one line. The CLI prints it and leaves with ``exit_code``."""

    exit_code = 2

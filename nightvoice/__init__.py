"""nightvoice: an offline voice that leads you out of a night cramp."""

__version__ = "0.1.0"

"""Counts with their noun, for sentences of the program about itself."""


def plural(count: int, one: str, many: str | None = None) -> str:
    """Format a count with its noun: ``1 night``, ``3 nights``."""
    return f"{count} {one if count == 1 else many or one + 's'}"

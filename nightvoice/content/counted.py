"""A text of a pack that depends on a count."""

from nightvoice.system.strict import Strict


class Counted(Strict):
    """A text for one thing, and one for any other ``{count}``."""

    one: str
    many: str

    def format(self, count: int) -> str:
        """Return the text for ``count`` things."""
        return self.one if count == 1 else self.many.format(count=count)

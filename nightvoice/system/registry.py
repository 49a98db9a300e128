"""A registry of named implementations that other packages can add to."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from nightvoice.errors import NightvoiceError

S = TypeVar("S")


class Registry(Generic[S]):
    """Implementations of one ``kind`` (voice, engine) by name: built in, registered, or behind an entry point.

    ``built_in`` are the names that this program registers itself, known before the modules that do so are imported.
    The entry points of ``group`` are looked up only for a name that is not registered.
    """

    def __init__(self, kind: str, group: str, built_in: tuple[str, ...]) -> None:
        self._kind, self._group, self._built_in = kind, group, built_in
        self._specs: dict[str, S] = {}

    def register(self, name: str, spec: S) -> None:
        """Add ``spec`` under ``name``. Raises ValueError for a name that is taken."""
        if name in self._specs:
            raise ValueError(f"{self._kind} {name!r} is registered already")
        self._specs[name] = spec

    def __iter__(self) -> Iterator[S]:
        """Iterate over the registered specs, in the order of their registration."""
        return iter(self._specs.values())

    def __contains__(self, name: object) -> bool:
        """Whether ``name`` can be chosen. Loads nothing."""
        return name in self._built_in or name in self._specs or name in self._entry_points()

    def names(self) -> list[str]:
        """Every name that can be chosen: built in, registered, then those of entry points. Loads nothing."""
        return list(dict.fromkeys([*self._built_in, *self._specs, *sorted(self._entry_points())]))

    def get(self, name: str) -> S:
        """Return the spec called ``name``, loading its entry point if needed.

        Raises NightvoiceError for an unknown name and for an entry point that fails to load.
        """
        if name not in self._specs:
            found = self._entry_points().get(name)
            if found is None:
                raise NightvoiceError(f"no {self._kind} {name!r}; there are: {', '.join(self.names())}")
            try:
                self._specs[name] = found.load()
            except Exception as error:  # another package's code may raise anything
                raise NightvoiceError(f"{self._kind} {name!r} cannot be loaded from {found.value}: {error}") from error
        return self._specs[name]

    def _entry_points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self._group)}

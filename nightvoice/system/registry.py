"""A registry of named implementations that other packages can extend."""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from nightvoice.errors import NightvoiceError

S = TypeVar("S")


class Registry(Generic[S]):
    """Implementations of one ``kind`` (voice, engine) by name: registered, or behind an entry point.

    ``home`` is the module that registers the built-in ones; it is imported when the first name is looked up. The entry
    points of ``group`` are looked up only for a name that is not registered.
    """

    def __init__(self, kind: str, group: str, home: str) -> None:
        self._kind, self._group, self._home = kind, group, home
        self._specs: dict[str, S] = {}

    def register(self, name: str, spec: S) -> None:
        """Add ``spec`` under ``name``. Raises ValueError if the name is taken."""
        if name in self._specs:
            raise ValueError(f"{self._kind} {name!r} is registered already")
        self._specs[name] = spec

    def __iter__(self) -> Iterator[S]:
        """Iterate over the registered specs in order of registration."""
        return iter(self._registered().values())

    def __contains__(self, name: object) -> bool:
        """Return whether ``name`` is available, without loading an implementation."""
        return name in self._registered() or name in self._entry_points()

    def names(self) -> list[str]:
        """Return all available names, registered ones first, without loading an implementation."""
        return list(dict.fromkeys([*self._registered(), *sorted(self._entry_points())]))

    def get(self, name: str) -> S:
        """Return the spec registered as ``name``, loading its entry point if needed.

        Raises NightvoiceError if the name is unknown or its entry point fails to load.
        """
        if name not in self._registered():
            found = self._entry_points().get(name)
            if found is None:
                raise NightvoiceError(f"no {self._kind} {name!r}; there are: {', '.join(self.names())}")
            try:
                self._specs[name] = found.load()
            except Exception as error:  # another package's code may raise anything
                raise NightvoiceError(f"{self._kind} {name!r} cannot be loaded from {found.value}: {error}") from error
        return self._specs[name]

    def _registered(self) -> dict[str, S]:
        import_module(self._home)
        return self._specs

    def _entry_points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self._group)}

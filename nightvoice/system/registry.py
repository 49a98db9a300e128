"""A registry of named implementations that other packages can extend."""

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Protocol, TypeVar

from nightvoice.errors import NightvoiceError

AUTO: Final = "auto"
"""Name that chooses the best available implementation."""


class Spec(Protocol):
    """Describes an implementation to a registry."""

    @property
    def auto_order(self) -> int | None:
        """Position in ``auto``, lowest first; None: used only if named."""


S = TypeVar("S", bound=Spec)


class Registry:
    """Implementations of one ``kind`` (voice, engine) by name: registered, or behind an entry point.

    ``home`` is the module that registers the built-in ones; it is imported when the first name is looked up. The entry
    points of ``group`` are looked up only for a name that is not registered.
    """

    def __init__(self, kind: str, group: str, home: str) -> None:
        self._kind, self._group, self._home = kind, group, home
        self._specs: dict[str, Any] = {}

    def register(self, name: str, spec: Spec) -> None:
        """Add ``spec`` under ``name``. Raises ValueError if the name is taken."""
        if name in self._specs:
            raise ValueError(f"{self._kind} {name!r} is registered already")
        self._specs[name] = spec

    def __contains__(self, name: object) -> bool:
        """Return whether ``name`` is available, without loading an implementation."""
        return name in self._registered() or name in self._entry_points()

    def names(self) -> list[str]:
        """Return all available names, registered ones first, without loading an implementation."""
        return list(dict.fromkeys([*self._registered(), *sorted(self._entry_points())]))

    def choose(self, name: str, spec_type: type[S], is_available: Callable[[S], bool]) -> S:
        """Return the spec called ``name``, loading its entry point if needed; for AUTO the first available one.

        Raises NightvoiceError if the name is unknown, or its entry point fails to load or is no ``spec_type``.
        """
        if name == AUTO:
            specs = [spec for spec in self._registered().values() if isinstance(spec, spec_type)]
            ordered = [(spec.auto_order, spec) for spec in specs if spec.auto_order is not None]
            return next(spec for _, spec in sorted(ordered, key=lambda item: item[0]) if is_available(spec))
        spec = self._get(name)
        if not isinstance(spec, spec_type):
            article = "an" if self._kind[0] in "aeiou" else "a"
            raise NightvoiceError(
                f"{self._kind} {name!r}: its entry point is not {article} {spec_type.__name__}; "
                f"see docs/adding-{article}-{self._kind}.md"
            )
        return spec

    def _get(self, name: str) -> object:
        if name not in self._registered():
            found = self._entry_points().get(name)
            if found is None:
                raise NightvoiceError(f"no {self._kind} {name!r}; there are: {', '.join(self.names())}")
            try:
                self._specs[name] = found.load()
            except Exception as error:  # another package's code may raise anything
                raise NightvoiceError(f"{self._kind} {name!r} cannot be loaded from {found.value}: {error}") from error
        return self._specs[name]

    def _registered(self) -> dict[str, Any]:
        import_module(self._home)
        return self._specs

    def _entry_points(self) -> dict[str, EntryPoint]:
        return _entry_points(self._group, tuple(sys.path))


@cache
def _entry_points(group: str, path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """Return the entry points of the packages on ``path`` by name. Cached, because the search reads every package."""
    return {point.name: point for point in entry_points(group=group)}

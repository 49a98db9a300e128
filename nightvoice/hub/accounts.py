"""Who may do what with the ward's page: people with a name, a role and a password, each a file of their own."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from nightvoice.errors import NightvoiceError
from nightvoice.web.kit.access import Access

_NAME: Final = re.compile(r"[a-z0-9_-]{1,40}")


class Role(StrEnum):
    """Nobody has more than one."""

    WARD = "ward"
    """Looks at the ward."""
    STUDY = "study"
    """Takes the pseudonymous export, and sees no bed."""
    ADMIN = "admin"
    """Sees to people and to how long is kept, and sees the ward."""


class Account(NamedTuple):
    name: str
    role: Role


class Accounts:
    """``folder``: a file each, for the user alone. To the pages it is what ``Access`` is to those of one bed."""

    has_password: Final = True

    def __init__(self, folder: Path) -> None:
        """Raises NightvoiceError."""
        self._folder = folder / "people"
        self.key: Final = Access.open(folder / "page.json").key

    def all(self) -> list[Account]:
        """By name."""
        found = (file.stem.rpartition(".") for file in self._folder.glob("*.json"))
        return sorted(Account(name, Role(role)) for name, _, role in found)

    def add(self, name: str, role: Role, password: str) -> None:
        """Or give somebody who is there another role or password. Raises NightvoiceError."""
        if not _NAME.fullmatch(name):
            raise NightvoiceError(f'name "{name}": should be of a-z, 0-9, _ and -, at most 40')
        before = self._find(name)
        Access.open(self._file(Account(name, role))).set_password(password)
        if before is not None and before.role is not role:
            self._file(before).unlink()

    def remove(self, name: str) -> None:
        """At once: whoever is logged in by that name is no longer. Raises NightvoiceError."""
        person = self._find(name)
        if person is None:
            raise NightvoiceError(f"{name}: there is nobody of that name; nightvoice hub people lists them")
        self._file(person).unlink()

    def log_in(self, name: str, password: str) -> str | None:
        """A token for that person, where the password is right."""
        person = self._find(name)
        if person is None:
            everybody = self.all()
            # It takes as long as for somebody who is there: nobody learns names by the clock.
            if everybody:
                Access(self._file(everybody[0])).is_right(password)
            return None
        access = Access(self._file(person))
        return f"{name} {access.open_session()}" if access.is_right(password) else None

    def who(self, token: Any) -> Account | None:
        """Whose open session that is."""
        name, _, secret = token.partition(" ") if isinstance(token, str) else ("", "", "")
        person = self._find(name)
        return person if person is not None and Access(self._file(person)).is_open(secret) else None

    def is_open(self, token: Any) -> bool:
        return self.who(token) is not None

    def close_session(self, token: Any) -> None:
        """Log out."""
        person = self.who(token)
        if person is not None:
            Access(self._file(person)).close_session(token.partition(" ")[2])

    def _find(self, name: str) -> Account | None:
        return next((person for person in self.all() if person.name == name), None)

    def _file(self, person: Account) -> Path:
        return self._folder / f"{person.name}.{person.role}.json"

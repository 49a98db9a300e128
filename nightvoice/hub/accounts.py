"""Accounts for the ward page, one private file each: name, role and password."""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from nightvoice.errors import NightvoiceError
from nightvoice.hub.roles import Role
from nightvoice.web.kit.access import Access

_NAME: Final = re.compile(r"[a-z0-9_-]{1,40}")


class Account(NamedTuple):
    name: str
    role: Role


class Accounts:
    """The accounts stored in ``folder``; the authenticator of the ward page.

    A session token is the account's name, a space, and a token of the account's ``Access``.
    """

    has_password: Final = True
    needs_login: Final = True

    def __init__(self, folder: Path) -> None:
        """Raises NightvoiceError."""
        self._folder = folder / "people"
        self.key: Final = Access.open(folder / "page.json").key

    def all(self) -> list[Account]:
        """Return the accounts, sorted by name."""
        stems = (file.stem.rpartition(".") for file in self._folder.glob("*.json"))
        return sorted(Account(name, Role(role)) for name, _, role in stems)

    def add(self, name: str, role: Role, password: str) -> None:
        """Add an account, or change the role and password of an existing one. Raises NightvoiceError."""
        if not _NAME.fullmatch(name):
            raise NightvoiceError(f'name "{name}": should be of a-z, 0-9, _ and -, at most 40')
        before = self._find(name)
        Access.open(self._file(Account(name, role))).set_password(password)
        if before is not None and before.role is not role:
            self._file(before).unlink()

    def remove(self, name: str) -> None:
        """Remove an account and end its sessions immediately. Raises NightvoiceError."""
        account = self._find(name)
        if account is None:
            raise NightvoiceError(f"{name}: there is no such account; nightvoice hub people list shows all")
        self._file(account).unlink()

    def log_in(self, name: str, password: str) -> str | None:
        """Return the token of a new session, or None if the name or the password is wrong."""
        account = self._find(name)
        if account is None:
            accounts = self.all()
            # Take as long as for an existing name, so that timing reveals no names.
            if accounts:
                Access(self._file(accounts[0])).verify(password)
            return None
        access = Access(self._file(account))
        return f"{name} {access.open_session()}" if access.verify(password) else None

    def account_of(self, token: Any) -> Account | None:
        """Return the account whose open session has ``token``, or None."""
        name, _, secret = token.partition(" ") if isinstance(token, str) else ("", "", "")
        account = self._find(name)
        return account if account is not None and Access(self._file(account)).has_session(secret) else None

    def has_session(self, token: Any) -> bool:
        """Return whether ``token`` belongs to a session that has not ended."""
        return self.account_of(token) is not None

    def close_session(self, token: str) -> None:
        """End the session of ``token``, if there is one."""
        account = self.account_of(token)
        if account is not None:
            Access(self._file(account)).close_session(token.partition(" ")[2])

    def _find(self, name: str) -> Account | None:
        return next((account for account in self.all() if account.name == name), None)

    def _file(self, account: Account) -> Path:
        return self._folder / f"{account.name}.{account.role}.json"

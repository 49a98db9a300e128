"""Who may see the page: the password, open sessions and the key of the cookies, in one file for the user alone."""

import secrets
from hashlib import sha256
from pathlib import Path
from threading import RLock
from time import time
from typing import Any, Final, Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, ValidationError

from nightvoice.errors import NightvoiceError, reason
from nightvoice.system.atomic_file import replace_text

SHORTEST: Final = 10
"""Letters of a password, at least (NIST SP 800-63B asks for 8 and no other rule)."""
SESSION_S: Final = 30 * 24 * 3600
"""How long one stays logged in."""
_LONGEST: Final = 1000


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: str
    """Signs the cookies."""
    password: str | None = None
    """Its Argon2id hash."""
    sessions: dict[str, float] = {}
    """SHA-256 of each open session's token, and when it ends (Unix time)."""


class Access:
    """One such file, which other processes may change. Methods may be called from several threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = RLock()
        self._hasher = PasswordHasher()

    @classmethod
    def open(cls, file: Path) -> Self:
        """Read ``file``, or begin it. Raises NightvoiceError."""
        access = cls(file)
        if not file.exists():
            access._write(_Stored(key=secrets.token_hex(32)))
        access._read()
        return access

    @property
    def key(self) -> str:
        """The key that signs cookies; a new password brings a new one."""
        return self._read().key

    @property
    def has_password(self) -> bool:
        return self._read().password is not None

    def set_password(self, password: str) -> None:
        """Keep its hash; every open session ends. Raises NightvoiceError for one that is too short."""
        if not SHORTEST <= len(password) <= _LONGEST:
            raise NightvoiceError(
                f"that password has {len(password)} letters: use at least {SHORTEST}, such as four words"
            )
        self._write(_Stored(key=secrets.token_hex(32), password=self._hasher.hash(password)))

    def is_right(self, password: str) -> bool:
        """Whether it is the password; takes a tenth of a second on purpose, and one at a time."""
        stored = self._read().password
        if stored is None or len(password) > _LONGEST:
            return False
        with self._lock:
            try:
                return self._hasher.verify(stored, password)
            except (VerificationError, InvalidHashError):
                return False

    def open_session(self) -> str:
        """A new token for somebody who knew the password."""
        token, now = secrets.token_urlsafe(32), time()
        with self._lock:
            stored = self._read()
            alive = {name: end for name, end in stored.sessions.items() if end > now}
            self._write(stored.model_copy(update={"sessions": alive | {_digest(token): now + SESSION_S}}))
        return token

    def close_session(self, token: str) -> None:
        """Log out; a token that is not known is fine."""
        with self._lock:
            stored = self._read()
            others = {name: end for name, end in stored.sessions.items() if name != _digest(token)}
            self._write(stored.model_copy(update={"sessions": others}))

    def is_open(self, token: Any) -> bool:
        """Whether ``token`` is of a session that has not ended."""
        return isinstance(token, str) and self._read().sessions.get(_digest(token), 0.0) > time()

    def _read(self) -> _Stored:
        try:
            return _Stored.model_validate_json(self._file.read_bytes())
        except OSError as error:
            raise NightvoiceError(f"{self._file}: cannot be read: {reason(error)}") from None
        except ValidationError:
            raise NightvoiceError(f"{self._file}: is damaged: delete it, then nightvoice web --set-password") from None

    def _write(self, stored: _Stored) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_text(self._file, stored.model_dump_json())
        except OSError as error:
            raise NightvoiceError(f"{self._file}: cannot be written: {reason(error)}") from None


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()

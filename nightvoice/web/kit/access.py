"""Password or local secret, open sessions and cookie key of one page, stored in one private file."""

import secrets
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from threading import BoundedSemaphore, RLock
from time import time
from typing import Any, Final, Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import Field, ValidationError

from nightvoice.errors import NightvoiceError, reason
from nightvoice.system.atomic_file import replace_text
from nightvoice.system.strict import Strict

MIN_PASSWORD_LENGTH: Final = 12
"""In characters, as OWASP ASVS asks; like NIST SP 800-63B, no other rule. Shorter ones set earlier still work."""
MAX_PASSWORD_LENGTH: Final = 128
"""For new ones; longer ones set earlier still work."""
_LONGEST_TRIED: Final = 1000
"""Longest input at a login that is hashed."""
SESSION_S: Final = 30 * 24 * 3600
"""Lifetime of a login in seconds."""


_HASHING: Final = BoundedSemaphore(2)
"""Passwords checked at a time, of all accounts together: each takes 64 MB."""
_FILES: Final = RLock()
"""Held while a file is read, changed and written, so that of two logins at once neither is lost."""


class _Stored(Strict):
    key: str
    """Key that signs the cookies."""
    password: str | None = None
    """Argon2id hash of the password."""
    local_secret: str | None = None
    """What the printed address carries while there is no password, so that other accounts of this machine stay out."""
    sessions: dict[str, float] = Field(default_factory=dict)
    """Unix time at which each open session ends, by the SHA-256 of its token."""


class Access:
    """An access file, which other processes may change. Methods are thread-safe."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._hasher = PasswordHasher()

    @classmethod
    def open(cls, file: Path) -> Self:
        """Read ``file``, creating it if it is missing. Raises NightvoiceError."""
        access = cls(file)
        if not file.exists():
            access._write(_Stored(key=secrets.token_hex(32)))
        access._read()
        return access

    @property
    def key(self) -> str:
        """Key that signs the cookies. Setting a password replaces it."""
        return self._read().key

    @property
    def has_password(self) -> bool:
        return self._read().password is not None

    @property
    def needs_login(self) -> bool:
        stored = self._read()
        return stored.password is not None or stored.local_secret is not None

    def local_secret(self) -> str | None:
        """Return the secret that lets in, made when it is first asked for; None if there is a password instead."""
        with _FILES:
            stored = self._read()
            if stored.password is not None:
                return None
            if stored.local_secret is None:
                stored = stored.model_copy(update={"local_secret": secrets.token_urlsafe(32)})
                self._write(stored)
            return stored.local_secret

    def knows_secret(self, secret: str) -> bool:
        """Return whether ``secret`` is the local secret."""
        stored = self._read().local_secret
        return stored is not None and compare_digest(stored.encode(), secret.encode())

    def set_password(self, password: str) -> None:
        """Store the hash of ``password`` and end every session. Raises NightvoiceError for a bad length."""
        length = len(" ".join(password.split()))  # several spaces count once
        if not MIN_PASSWORD_LENGTH <= length <= MAX_PASSWORD_LENGTH:
            raise NightvoiceError(
                f"that password has {length} letters: use at least {MIN_PASSWORD_LENGTH}, such as four words, "
                f"and at most {MAX_PASSWORD_LENGTH}"
            )
        self._write(_Stored(key=secrets.token_hex(32), password=self._hasher.hash(password)))

    def verify(self, password: str) -> bool:
        """Return whether ``password`` is right. Deliberately slow: a tenth of a second, two calls at a time."""
        stored = self._read().password
        if stored is None or len(password) > _LONGEST_TRIED:
            return False
        with _HASHING:
            try:
                return self._hasher.verify(stored, password)
            except (VerificationError, InvalidHashError):
                return False

    def open_session(self) -> str:
        """Start a session and return its token."""
        token, now = secrets.token_urlsafe(32), time()
        with _FILES:
            stored = self._read()
            unexpired = {digest: end for digest, end in stored.sessions.items() if end > now}
            self._write(stored.model_copy(update={"sessions": unexpired | {_digest(token): now + SESSION_S}}))
        return token

    def close_session(self, token: str) -> None:
        """End the session of ``token``, if there is one."""
        with _FILES:
            stored = self._read()
            others = {digest: end for digest, end in stored.sessions.items() if digest != _digest(token)}
            self._write(stored.model_copy(update={"sessions": others}))

    def has_session(self, token: Any) -> bool:
        """Return whether ``token`` belongs to a session that has not ended."""
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

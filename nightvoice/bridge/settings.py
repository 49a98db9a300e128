"""Prepares the settings of the bridge: reads passwords from their files and sets up TLS."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from nightvoice.config.schema import BridgeSettings, NotifySettings
from nightvoice.errors import NightvoiceError, reason

PORT, TLS_PORT = 1883, 8883


@dataclass(frozen=True, slots=True)
class Broker:
    """Address of the MQTT broker, and credentials for it."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    username: str | None = None
    password: str | None = None


def broker(settings: BridgeSettings) -> Broker | None:
    """Return the configured broker, or None without MQTT. Raises NightvoiceError."""
    if settings.host is None:
        return None
    port = settings.port or (TLS_PORT if settings.tls else PORT)
    password = _secret(settings.password, settings.password_file, "bridge.password_file")
    if password is not None and settings.username is None:
        raise NightvoiceError("bridge.password: there is no bridge.username; a password needs one")
    return Broker(settings.host, port, _tls(settings), settings.username, password)


def addresses(settings: NotifySettings) -> list[str]:
    """Return the Apprise URLs of the contact. Raises NightvoiceError if their file cannot be read."""
    lines = (_secret(settings.url, settings.url_file, "notify.url_file") or "").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _secret(value: SecretStr | None, file: Path | None, key: str) -> str | None:
    if value is not None:
        return value.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NightvoiceError(f"{key} {file}: cannot be read: {reason(error)}") from None


def _tls(settings: BridgeSettings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.certificate_file is not None:
            context.load_cert_chain(settings.certificate_file, settings.key_file)
    except OSError as error:
        files = ", ".join(
            str(file) for file in (settings.ca_file, settings.certificate_file, settings.key_file) if file
        )
        raise NightvoiceError(f"bridge.tls: a certificate cannot be used ({files}): {error}") from None
    return context

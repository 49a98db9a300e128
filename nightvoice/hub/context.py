"""The context shared by the ward's pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import Request

from nightvoice.hub.accounts import Account, Accounts
from nightvoice.hub.live_state import LiveState
from nightvoice.hub.store import Store


def _local_now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class WardContext:
    """The accounts, the live state and the store of one ward."""

    access: Accounts
    live_state: LiveState
    is_connected: Callable[[], bool]
    """Return whether the broker is connected."""
    open_store: Callable[[], Store]
    study_key_file: Path
    """File with the key of the study's pseudonyms."""
    now: Callable[[], datetime] = _local_now
    """Return the local time, aware."""
    templates: Path = Path(__file__).parent / "templates"


def context_of(request: Request) -> WardContext:
    """Return the context of the application that serves ``request``."""
    context: WardContext = request.app.state.context
    return context


def account_of(request: Request) -> Account | None:
    """Return the account that is logged in, or None."""
    return context_of(request).access.account_of(request.session.get("token"))

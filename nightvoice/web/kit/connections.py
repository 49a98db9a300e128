"""Limits on connections, so that no client can hold up the page by asking slowly, or by not reading the answer."""

import asyncio
import resource
from functools import cache
from typing import Any, Final

from uvicorn import Server
from uvicorn.protocols.http.h11_impl import H11Protocol

CLIENT_S: Final = 20.0
"""Longest time in seconds that a client may take to send a request, or to read on in a response."""
MAX_CONNECTIONS: Final = 256
"""Most connections open at a time."""
BACKLOG: Final = 64
"""Most connections accepted before the first of them is counted."""


class BoundedConnection(H11Protocol):
    """HTTP connection that is closed if the server waits for its client too long, or if others need its place."""

    waiting_since: float | None = None
    """When the server began to wait for the client, in the loop's time; None while it works on a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waiting_since = self.loop.time()
        if len(self.connections) > _limit():
            self._make_room()

    def data_received(self, data: bytes) -> None:
        if self.timeout_keep_alive_task is not None:  # the first bytes of another request
            self.waiting_since = self.loop.time()
        super().data_received(data)
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete and not self.flow.write_paused:
            self.waiting_since = None

    def on_response_complete(self) -> None:
        self.waiting_since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.waiting_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        cycle = self.cycle
        self.waiting_since = None if cycle is not None and not cycle.response_complete else self.loop.time()

    def give_up_after(self, seconds: float) -> None:
        """Close the connection if its client has kept the server waiting for ``seconds``."""
        if self.waiting_since is not None and self.loop.time() - self.waiting_since >= seconds:
            self.transport.abort()

    def _make_room(self) -> None:
        """Close the connection that has kept the server waiting longest; those that it works for stay."""
        connections: set[Any] = self.connections  # all of this class
        longest = min(
            (other for other in connections if other.waiting_since is not None), key=lambda other: other.waiting_since
        )
        # The transport reports the loss in the next turn of the loop; meanwhile more clients may come.
        self.connections.discard(longest)
        longest.transport.abort()


@cache
def _limit() -> int:
    """Return how many connections may be open: each takes one of the file descriptors that this process may have."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if descriptors == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, descriptors // 4)


class BoundedServer(Server):
    """Server that looks once a second for clients to give up."""

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedConnection):
                    connection.give_up_after(CLIENT_S)
        return await super().on_tick(counter)

"""The MQTT publisher in a thread of the test."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightvoice.bridge.address import Address
from nightvoice.bridge.bookmark import Bookmark
from nightvoice.bridge.discovery import discovery
from nightvoice.bridge.messages import Topics
from nightvoice.bridge.mqtt import Publisher
from nightvoice.bridge.ownership import Ownership
from nightvoice.bridge.settings import Broker
from nightvoice.content.home import load_home
from nightvoice.diary.store import Diary
from tests.helpers.waiting import PATIENCE_S


class Device:
    """A computer with a bridge: its diary, its own folder, and the lines that the bridge has shown."""

    def __init__(self, folder: Path, port: int, bed: str = "bed", user: str | None = None) -> None:
        self.folder, self.bed, self.prefix, self.discovery = folder, bed, "nightvoice", "homeassistant"
        self.lines: list[str] = []
        self._broker = Broker("127.0.0.1", port, username=user, password=user)
        folder.mkdir(exist_ok=True)
        self.diary = Diary.open(f"sqlite:///{folder}/diary.sqlite")
        self.log = ""

    @property
    def address(self) -> Address:
        return Address(self.folder / "address.json")

    def publisher(self, patience_s: float = PATIENCE_S) -> Publisher:
        topics = Topics(f"{self.prefix}/{self.bed}")
        bookmark = Bookmark(self.folder / "position.json", self.diary)
        self.log = bookmark.log
        ownership = Ownership(self.bed, topics, patience_s, retry_s=0.1)
        device = discovery(self.bed, topics, load_home(), self.discovery)
        return Publisher(
            self.diary, bookmark, self._broker, topics, ownership, device, bool, self.lines.append, self.address
        )

    @contextmanager
    def publishing(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """Publish until the block ends."""
        loop = asyncio.new_event_loop()
        task = loop.create_task(self.publisher(patience_s).run())
        thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
        thread.start()
        try:
            yield
        finally:
            while thread.is_alive():  # see CANCEL_AGAIN_S
                loop.call_soon_threadsafe(task.cancel)
                thread.join(1.0)
            loop.close()

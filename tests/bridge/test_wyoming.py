"""The wake service with the client of the wyoming package and the bundled sample night."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import soundfile
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.wake import Detect, Detection, NotDetected

from nightvoice.assembly import sample_night
from nightvoice.wyoming.wake import WAKE_NAME
from tests.helpers.waiting import until

NO_CRAMP, CRAMP = (4.0, 10.0), (12.0, 16.0)
"""Spans of the sample night in seconds: talk about the weather, and a cramp."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "nightvoice", "wyoming", "--port", str(number)], env=os.environ)

    def answers() -> bool:
        assert process.poll() is None
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", number)) == 0

    until(answers, "the service")
    yield number
    process.terminate()
    assert process.wait(60) == 0


async def ask(port: int, span: tuple[float, float], rate: int, names: list[str] | None = None) -> Event:
    """The answer of the service to that span of the night, sent as a satellite does."""
    sound, recorded = soundfile.read(sample_night(), dtype="int16")
    part = sound[int(span[0] * recorded) : int(span[1] * recorded)]
    if rate == 2 * recorded:
        part = part.repeat(2)
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Detect(names=names).event())
        await client.write_event(AudioStart(rate=rate, width=2, channels=1).event())
        for start in range(0, len(part), 1000):
            chunk = part[start : start + 1000].tobytes()
            time = round(start * 1000 / rate)
            await client.write_event(AudioChunk(rate=rate, width=2, channels=1, audio=chunk, timestamp=time).event())
        await client.write_event(AudioStop().event())
        answer = await asyncio.wait_for(client.read_event(), 120)
    assert answer is not None
    return answer


def test_it_describes_its_wake_phrase(port: int) -> None:
    async def describe() -> Info:
        async with AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Describe().event())
            answer = await asyncio.wait_for(client.read_event(), 60)
        assert answer is not None
        return Info.from_event(answer)

    (program,) = asyncio.run(describe()).wake
    assert [model.name for model in program.models] == [WAKE_NAME]
    assert program.models[0].languages == ["en"]


def test_a_cramp_wakes_the_satellite_whatever_its_sampling_rate(port: int) -> None:
    rate = soundfile.info(sample_night()).samplerate
    for sent in (rate, 2 * rate):
        answer = asyncio.run(ask(port, CRAMP, sent))
        assert Detection.is_type(answer.type)
        assert Detection.from_event(answer).name == WAKE_NAME


def test_other_talk_does_not_wake_it(port: int) -> None:
    rate = soundfile.info(sample_night()).samplerate
    assert NotDetected.is_type(asyncio.run(ask(port, NO_CRAMP, rate)).type)


def test_a_cramp_does_not_wake_a_satellite_that_waits_for_another_phrase(port: int) -> None:
    rate = soundfile.info(sample_night()).samplerate
    assert NotDetected.is_type(asyncio.run(ask(port, CRAMP, rate, names=["okay_nabu"])).type)


def test_nonsense_ends_the_connection_not_the_service(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as rude:
        rude.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert rude.recv(100) == b""
    rate = soundfile.info(sample_night()).samplerate
    assert Detection.is_type(asyncio.run(ask(port, CRAMP, rate)).type)

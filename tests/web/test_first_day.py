"""The page before the first night: three steps, and a test of the microphone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from nightvoice.audio.frames import FRAME_SAMPLES, Frame
from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError
from nightvoice.listening.decision import Verdict
from nightvoice.listening.listener import Listener, RecognitionResult
from nightvoice.night.bedside import sole_listener
from nightvoice.web.microphone_trial import MicrophoneTrial, Outcome
from tests.helpers.scripted_ears import ScriptedEars
from tests.helpers.waiting import PATIENCE_S
from tests.helpers.web_site import NOW, Serve, new_context

QUIET: Frame = np.tile(np.array([30, -30], np.int16), FRAME_SAMPLES // 2)
HEARD = RecognitionResult(Verdict.HEARD, "i have a cramp", 0.9, "moonshine", "cramp")
NEARLY = RecognitionResult(Verdict.DOUBTFUL, "i have a camp", 0.4, "moonshine", "cramp")
OTHER = RecognitionResult(Verdict.REJECTED, "good evening", 0.1, "moonshine")


def trial_of(*results: RecognitionResult, frame: Frame = QUIET) -> MicrophoneTrial:
    """A try in which these are recognised, one at each frame."""

    @contextmanager
    def ears(_: Config) -> Iterator[tuple[Iterator[Frame], Listener]]:
        yield iter([frame] * 20), ScriptedEars(results)

    return MicrophoneTrial(ears)


@pytest.mark.parametrize(
    ("results", "outcome", "text"),
    [
        ((OTHER, HEARD), Outcome.HEARD, "i have a cramp"),
        ((OTHER, NEARLY), Outcome.NEARLY, "i have a camp"),
        ((OTHER,), Outcome.OTHER, "good evening"),
        ((), Outcome.SOUND, ""),
    ],
)
def test_what_a_try_shows(results: tuple[RecognitionResult, ...], outcome: Outcome, text: str) -> None:
    result = trial_of(*results).run(Config())
    assert (result.outcome, result.text) == (outcome, text)


def test_a_muted_microphone_is_told_from_a_quiet_room() -> None:
    assert trial_of(frame=np.zeros(FRAME_SAMPLES, np.int16)).run(Config()).outcome is Outcome.MUTED


def test_a_second_try_at_the_same_time_is_refused() -> None:
    trial: MicrophoneTrial

    @contextmanager
    def ears(config: Config) -> Iterator[tuple[Iterator[Frame], Listener]]:
        with pytest.raises(NightvoiceError, match="being tested already"):
            trial.run(config)
        yield iter([QUIET]), ScriptedEars([HEARD])

    trial = MicrophoneTrial(ears)
    assert trial.run(Config()).outcome is Outcome.HEARD


def test_a_microphone_that_runs_elsewhere_or_is_not_there_is_one_line(serve: Serve) -> None:
    site = serve(empty=True)
    form = {"csrf": site.token("/microphone")}
    none_there = site.ask("/microphone", form)
    assert none_there.status == 422
    assert none_there.text.count('class="wrong"') == 1
    with sole_listener("nightvoice run"):
        held = site.ask("/microphone", form)
    assert held.status == 422
    assert "nightvoice run (process" in held.text
    assert "say &#34;I have a cramp&#34; to it" in held.text


def test_three_steps_until_the_first_morning(serve: Serve) -> None:
    site = serve(empty=True)
    first = site.ask("/").text
    assert "Three steps to the first night" in first
    assert "nightvoice setup" in first
    assert "It is listening now" not in first
    evening = NOW + timedelta(hours=14)
    site.context.diary.tag(site.context.last_night() + timedelta(days=1), {"walk": True})
    site.context.now = lambda: evening
    site.context.diary.listening(evening - timedelta(hours=1), evening)
    assert "It is listening now" in site.ask("/").text
    site.context.now = lambda: evening + timedelta(hours=9)
    site.context.diary.listening(evening, evening + timedelta(hours=9))
    assert "Three steps" not in site.ask("/").text


def test_a_cramp_ends_the_first_day(serve: Serve) -> None:
    site = serve(empty=True)
    site.context.diary.append("episode_opened", NOW, {"site": "calf"})
    assert "Three steps" not in site.ask("/").text


def test_the_level_and_the_verdict_appear(browser: Browser, serve: Serve) -> None:
    site, spoken = serve(empty=True), Event()

    @contextmanager
    def ears(_: Config) -> Iterator[tuple[Iterator[Frame], Listener]]:
        def frames() -> Iterator[Frame]:
            yield QUIET * 100
            spoken.wait(PATIENCE_S)
            yield QUIET

        yield frames(), ScriptedEars([None, HEARD])

    site.context.microphone_trial = MicrophoneTrial(ears)
    context = new_context(browser, site)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("button", name="Test the microphone").click()
    expect(page.get_by_text("Say it now")).to_be_visible()
    expect(page.get_by_role("meter")).to_have_js_property("value", 78)
    spoken.set()
    expect(page.get_by_text("It would have come to help")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    context.close()

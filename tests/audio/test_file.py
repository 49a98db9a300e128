"""Recordings in place of the microphone."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from nightvoice.audio.file import SPEECH_RATE, FileAudio
from nightvoice.audio.frames import FRAME_SAMPLES, RATE
from nightvoice.errors import NightvoiceError


def tone(seconds: float, rate: int, pitch: float = 440) -> np.ndarray:
    return (12_000 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def hear(path: Path) -> np.ndarray:
    room = FileAudio(path)
    frames = list(room.frames())
    room.close()
    room.close()
    assert all(frame.shape == (FRAME_SAMPLES,) and frame.dtype == np.int16 for frame in frames)
    return np.concatenate(frames)


def test_a_recording_at_our_rate_comes_through_sample_by_sample(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).integers(-32_768, 32_767, 40_001, dtype=np.int16)
    soundfile.write(tmp_path / "night.wav", sound, RATE)
    heard = hear(tmp_path / "night.wav")
    assert len(heard) == 79 * FRAME_SAMPLES
    assert (heard[: len(sound)] == sound).all()
    assert not heard[len(sound) :].any()


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("form", ["wav", "flac", "ogg"])
def test_any_rate_and_format_in_stereo_becomes_16_khz_mono(tmp_path: Path, rate: int, form: str) -> None:
    path = tmp_path / f"night.{form}"
    soundfile.write(path, np.stack([tone(3, rate), tone(3, rate)], axis=1), rate)
    heard = hear(path)
    assert abs(len(heard) - 3 * RATE) <= FRAME_SAMPLES + 2
    assert int(np.argmax(np.abs(np.fft.rfft(heard[: 3 * RATE])))) == 3 * 440
    assert np.abs(heard[1000:-2000]).max() == pytest.approx(12_000, rel=0.05)


def test_the_better_channel_is_heard(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "n.wav", np.stack([np.zeros(RATE, np.int16), tone(1, RATE)], axis=1), RATE)
    assert np.abs(hear(tmp_path / "n.wav")).max() == pytest.approx(12_000, abs=2)


def test_floats_beyond_full_scale_and_not_numbers_do_no_harm(tmp_path: Path) -> None:
    sound = np.array([0.5, 2.0, -3.0, np.nan, np.inf, 0.25] * 200, dtype=np.float32)
    soundfile.write(tmp_path / "n.wav", sound, RATE, subtype="FLOAT")
    heard = hear(tmp_path / "n.wav")
    assert heard[:6].tolist() == [16_384, 32_767, -32_768, 0, 32_767, 8_192]


def test_playback_is_on_the_clock_of_the_frames(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "night.wav", np.zeros(RATE, np.int16), RATE)
    speech = tmp_path / "speech.wav"
    room = FileAudio(tmp_path / "night.wav", speech_out=speech)
    ended: list[tuple[int, int]] = []
    for index, _ in enumerate(room.frames()):
        ended += [(index, number) for number in room.queue.ended()]
        if index == 4:
            room.queue.play(np.full(3 * 768, 16_384, np.int16), SPEECH_RATE, 0.5)
    room.close()
    spoken, rate = soundfile.read(speech, dtype="int16")
    loud = np.flatnonzero(spoken)
    assert ended == [(7, 1)]
    assert (loud[0], loud[-1] + 1) == (5 * 768, 8 * 768)
    assert set(spoken[loud]) == {8_192}
    assert (len(spoken), rate) == (SPEECH_RATE, SPEECH_RATE)


@pytest.mark.parametrize("rate", [RATE, 44_100])
def test_the_spoken_track_is_as_long_as_the_recording(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "night.wav", tone(2.345, rate), rate)
    room = FileAudio(tmp_path / "night.wav", speech_out=tmp_path / "speech.wav")
    assert room.seconds == pytest.approx(2.345, abs=0.001)
    for _ in room.frames():
        pass
    room.close()
    assert soundfile.info(tmp_path / "speech.wav").duration == pytest.approx(2.345, abs=0.001)


def test_stop_is_silence_before_the_next_frame_is_over(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "night.wav", np.zeros(RATE, np.int16), RATE)
    room = FileAudio(tmp_path / "night.wav", speech_out=tmp_path / "speech.wav")
    for index, _ in enumerate(room.frames()):
        assert room.queue.ended() == []
        if index == 0:
            room.queue.play(tone(5, SPEECH_RATE), SPEECH_RATE, 1.0)
        if index == 10:
            room.queue.stop()
    room.close()
    spoken, _ = soundfile.read(tmp_path / "speech.wav", dtype="int16")
    assert 11 * 768 < np.flatnonzero(spoken)[-1] < 12 * 768


def test_a_recording_is_read_piece_by_piece(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "night.wav", "w", RATE, 1, "PCM_16") as long:
        for _ in range(60):
            long.write(np.zeros(RATE * 10, np.int16))
    room = FileAudio(tmp_path / "night.wav")
    frames = room.frames()
    next(frames)
    assert room._recording.tell() <= 2 * RATE
    room.close()


def write_nothing(path: Path) -> None:
    path.touch()


def write_header_only(path: Path) -> None:
    soundfile.write(path, np.zeros(0, np.int16), RATE)


def write_text(path: Path) -> None:
    path.write_text("this is not a recording\n" * 50)


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such recording"),
        (write_nothing, "is empty"),
        (write_header_only, "is empty"),
        (write_text, "is no recording"),
        (make_folder, "is a folder"),
    ],
)
def test_what_is_no_recording_is_one_clear_line(tmp_path: Path, make, message: str) -> None:
    path = tmp_path / "night.wav"
    make(path)
    with pytest.raises(NightvoiceError, match=message) as raised:
        FileAudio(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_speech_is_never_written_over_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "night.wav"
    soundfile.write(path, tone(1, RATE), RATE)
    before = path.read_bytes()
    with pytest.raises(NightvoiceError, match="the recording itself"):
        FileAudio(path, speech_out=tmp_path / "." / "night.wav")
    assert path.read_bytes() == before


def test_speech_that_cannot_be_written_names_the_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "night.wav", tone(1, RATE), RATE)
    with pytest.raises(NightvoiceError, match=r"nowhere/speech\.wav: cannot be written"):
        FileAudio(tmp_path / "night.wav", speech_out=tmp_path / "nowhere" / "speech.wav")


def test_a_recording_that_was_cut_off_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "night.wav", tone(4, RATE), RATE)
    whole = (tmp_path / "night.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    assert len(hear(tmp_path / "cut.wav")) == pytest.approx(2 * RATE, abs=FRAME_SAMPLES)

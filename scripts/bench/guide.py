"""How quick the guide is alone: ticks a second through a scripted night. Prints one JSON object last."""

import json
from time import perf_counter

from nightvoice.audio.frames import FRAME_S
from nightvoice.content import load_pack
from nightvoice.dialogue.actions import Hush, Say
from nightvoice.dialogue.events import Event, Heard, SpeechEnded, Tick
from nightvoice.dialogue.guide import Guide
from nightvoice.dialogue.state import State

HOURS = 8
SPEECH_S = 2.0
CRAMP = ((0.0, "cramp"), (8.0, "yes"), (90.0, "better"), (112.0, "yes"))
"""Seconds from the onset, and the intent."""
CRAMP_EVERY_S = 1800.0


def main() -> None:
    guide, state = Guide(load_pack()), State()
    ticks = round(HOURS * 3600 / FRAME_S)
    heard = [(n * CRAMP_EVERY_S + at, intent) for n in range(int(HOURS * 3600 / CRAMP_EVERY_S)) for at, intent in CRAMP]
    speech: tuple[int, float] | None = None
    said = 0
    began = perf_counter()
    for tick in range(1, ticks + 1):
        t = tick * FRAME_S
        events: list[Event] = []
        if speech and t >= speech[1]:
            events.append(SpeechEnded(t, speech[0]))
            speech = None
        if heard and t >= heard[0][0]:
            events.append(Heard(t, heard.pop(0)[1], {"site": "calf", "side": "left"}))
        events.append(Tick(t))
        for event in events:
            state, actions = guide.step(state, event)
            for action in actions:
                if isinstance(action, Say):
                    speech, said = (action.utterance, t + SPEECH_S), said + 1
                elif isinstance(action, Hush):
                    speech = None
    seconds = perf_counter() - began
    result = {"ticks": ticks, "said": said, "seconds": round(seconds, 2), "ticks_per_second": round(ticks / seconds)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()

"""The guide in a chat: type what the person says, read what the voice would say.

    python examples/guide_in_a_chat.py

An empty line lets ten seconds pass. The guide is a pure function, so the chat brings its own clock: the seconds of the
night.
"""

import sys
from collections import deque

from nightvoice import (
    Config,
    Event,
    Guide,
    Heard,
    NotUnderstood,
    Say,
    SpeechEnded,
    State,
    Suspected,
    Tick,
    build_recognizer,
    load_pack,
)

REACTION_S = 2.0
"""Seconds between the end of a prompt and the reply."""
SILENCE_S = 10.0
TICK_S = 0.5


class Chat:
    """One night in text."""

    def __init__(self) -> None:
        pack = load_pack("en")
        self.recognizer = build_recognizer(Config())
        self.guide, self.state, self.t = Guide(pack), State(), 0.0

    def hear(self, text: str) -> None:
        """The person says ``text``."""
        result = self.recognizer.recognize(text, self.state.listens_for, self.state.question)
        if result is None:
            self.step(NotUnderstood(self.t))
        elif result.intent == "suspicion":
            self.step(Suspected(self.t, result.slots["flag"]))
        else:
            self.step(Heard(self.t, result.intent, result.slots))

    def wait(self, seconds: float) -> None:
        """Nobody says anything."""
        for _ in range(round(seconds / TICK_S)):
            self.t += TICK_S
            self.step(Tick(self.t))

    def step(self, event: Event) -> None:
        """Give ``event`` to the guide and carry out its actions: here only what is said matters."""
        events = deque([event])
        while events:
            self.state, actions = self.guide.step(self.state, events.popleft())
            for action in actions:
                if isinstance(action, Say):
                    print(f"voice  {action.text}")
                    events.append(SpeechEnded(self.t, action.utterance))


def main() -> None:
    chat = Chat()
    print('Say "I have a cramp in my left calf". Ctrl+D ends the chat.')
    for line in sys.stdin:
        chat.wait(REACTION_S if line.strip() else SILENCE_S)
        if line.strip():
            print(f"you    {line.strip()}")
            chat.hear(line)


if __name__ == "__main__":
    main()

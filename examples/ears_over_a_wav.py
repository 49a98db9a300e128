"""The ears over a recording: print what is heard, and when.

python examples/ears_over_a_wav.py night.wav      # without a file: the bundled sample night
"""

import sys
from pathlib import Path

from nightvoice import FRAME_S, Config, FileAudio, build_pipeline, sample_night


def main() -> None:
    recording = FileAudio(Path(sys.argv[1]) if len(sys.argv) > 1 else sample_night())
    pipeline = build_pipeline(Config())
    print(f"engine: {pipeline.name}")
    for number, frame in enumerate(recording.frames()):
        # "idle": waiting for a cramp. Other states (site, usual, guiding …) listen for other words.
        result = pipeline.hear(frame, state="idle", speaking=None)
        if result is not None:
            print(
                f"{number * FRAME_S:7.2f} s  {result.verdict:8}  {result.intent:8}  {result.score:.2f}  {result.text}"
            )
    recording.close()


if __name__ == "__main__":
    main()

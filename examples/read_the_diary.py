"""Read a diary: the cramps of its last thirty nights.

    python examples/read_the_diary.py ~/.local/share/nightvoice/diary.sqlite

A diary may be read while nightvoice is running.
"""

import sys
from datetime import timedelta

from nightvoice import Diary


def main() -> None:
    with Diary.open(sys.argv[1], create=False) as diary:
        period = diary.period()
        if period is None:
            print("nothing has been written yet")
            return
        first, last = period
        for night in diary.nights(max(first, last - timedelta(days=29)), last):
            hours = night.listened / timedelta(hours=1)
            print(f"{night.date}  {len(night.episodes)} cramps in {hours:.1f} h")
            for episode in night.episodes:
                print(f"    {episode.onset:%H:%M}  {episode.side or ''} {episode.site or ''}  {episode.outcome}")


if __name__ == "__main__":
    main()

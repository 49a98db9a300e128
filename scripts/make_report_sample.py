"""Write docs/report.png: the clinician's page of the made-up person of demo_diary.py, always the same.

Needs pdftoppm (Debian: poppler-utils).
"""

import os
import subprocess
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from nightvoice.content.pages import load_pages
from nightvoice.diary.store import Diary
from nightvoice.insight.report import Statements, report
from nightvoice.insight.report_page import report_pdf
from scripts.demo_diary import NIGHTS, write

PICTURE = Path(__file__).parent.parent / "docs" / "report.png"
UNTIL = date(2026, 5, 31)
PERSON = Statements(
    name="Maria Example",
    born="1954",
    medicines="furosemide, atorvastatin",
    answers={"pain_on_walking": False, "urge_to_move": False, "numbness": True},
    conditions=frozenset({"diabetes"}),
)
SIGNS = ((date(2026, 2, 1), "numbness"), (date(2026, 4, 19), "numbness"), (date(2026, 5, 9), "dangling"))


def main() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "report.pdf"
        with Diary.open(str(Path(folder) / "diary.sqlite")) as diary:
            write(diary, UNTIL)
            for day, flag in SIGNS:
                at = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
                diary.append("flag", at, {"flag": flag, "action": "doctor"})
            nights = diary.nights(UNTIL - timedelta(days=NIGHTS - 1), UNTIL)
        pdf.write_bytes(report_pdf(report(nights, PERSON), load_pages(), UNTIL + timedelta(days=1)))
        command = ["pdftoppm", "-r", "110", "-png", "-gray", "-singlefile", str(pdf), str(PICTURE.with_suffix(""))]
        subprocess.run(command, check=True)
    print(PICTURE)


if __name__ == "__main__":
    main()

"""Writes the report for a doctor: ``nightvoice summary --format html`` or ``pdf``."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from nightvoice.cli.diary_option import open_diary
from nightvoice.cli.period import known_period
from nightvoice.errors import NightvoiceError, reason

WEEKS = 12
"""Default length of the period, a quarter of a year."""


def write_report(format: str, diary: str | None, since: date | None, until: date | None, output: Path | None) -> None:
    """Write the report on the nights from ``since`` to ``until`` to ``output``, or to standard output if None.

    Without ``until``, it ends with the last night; without ``since``, it starts ``WEEKS`` earlier or with the diary.
    Raises NightvoiceError.
    """
    from rich.console import Console

    from nightvoice.config.reader import load_config
    from nightvoice.content.pages import load_pages
    from nightvoice.insight.night import last_night
    from nightvoice.system.extras import require_extra

    if format == "pdf" and output is None and sys.stdout.isatty():
        raise NightvoiceError("--format pdf: name a file with --output report.pdf")
    with require_extra("report"):
        from nightvoice.insight.fonts import letters_without_font
        from nightvoice.insight.report import report_of
        from nightvoice.insight.report_page import report_html, report_pdf
    config = load_config()
    with open_diary(diary) as book:
        until = until or last_night(datetime.now(), book.night_end())
        first, last = known_period(book)
        since = since or max(min(first, until), until - timedelta(weeks=WEEKS, days=-1))
        if until < first or last < since:
            raise NightvoiceError(
                f"from {since} to {until}: no nights; the diary goes from {first} to {last}, see --from and --night"
            )
        report = report_of(book, config, since, until)
    pages, today = load_pages(config.language), date.today()
    with Console(stderr=True).status("laying out the page"):
        page = report_html(report, pages, today).encode() if format == "html" else report_pdf(report, pages, today)
    if format == "pdf" and (missing := letters_without_font(report_html(report, pages, today))):
        fonts = "install one, such as fonts-noto-cjk (Chinese, Japanese, Korean) or fonts-noto-core"
        print(f"nightvoice: no font here has {missing[:20]}: they are boxes in the PDF; {fonts}", file=sys.stderr)
    if output is None:
        sys.stdout.buffer.write(page)
        return
    try:
        output.write_bytes(page)
    except OSError as error:
        raise NightvoiceError(f"{output}: cannot be written: {reason(error)}") from None
    print(f"{output}: the nights from {since} to {until} on one page")
    if not (report.stated.medicines or report.stated.answers):
        print("Your medicines and answers are not on it yet: set them in the section report of the configuration")

"""The report for a doctor: choose a period, then read it, print it, or download it as a PDF."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nightvoice.content.pages import load_pages
from nightvoice.system.extras import require_extra
from nightvoice.web.context import context_of
from nightvoice.web.kit.render import render

PERIODS: Final = {"4w": timedelta(weeks=4), "3m": timedelta(weeks=13), "1y": timedelta(weeks=52)}
_DEFAULT: Final = "3m"
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def show_choice(request: Request) -> Response:
    """``/report``"""
    return render(request, "report.html", back=_chosen(request), period=_period(request))


def show_report(request: Request) -> Response:
    """``/report/page``: the report. The content security policy allows its embedded style only."""
    made = _make_report(request)
    if made is None:
        return RedirectResponse("/report", 303)
    with require_extra("report"):
        from nightvoice.insight.report_page import report_html  # noqa: PLC0415
    page = report_html(*made, back=f"/report?back={_chosen(request)}")
    styles = " ".join(
        f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in _STYLE.findall(page)
    )
    policy = f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def download_pdf(request: Request) -> Response:
    """``/report/pdf``"""
    made = _make_report(request)
    if made is None:
        return RedirectResponse("/report", 303)
    with require_extra("report"):
        from nightvoice.insight.report_page import report_pdf  # noqa: PLC0415
    name = f"nightvoice-{made[2]}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(report_pdf(*made), media_type="application/pdf", headers=headers)


def _make_report(request: Request) -> tuple[Any, Any, date] | None:
    """Return the report on the period, its texts and today's date; None if the diary is empty."""
    period = _period(request)
    if period is None:
        return None
    with require_extra("report"):
        from nightvoice.insight.report import Statements, report  # noqa: PLC0415
    context = context_of(request)
    config = context.config
    cache = context.night_cache
    figures = cache.figures(("report", _chosen(request)), cache.nights(*period), report)
    made = replace(figures, stated=Statements.of(config))
    return made, load_pages(config.language), context.now().date()


def _period(request: Request) -> tuple[date, date] | None:
    """Return the first and last night of the chosen period; None if the diary is empty."""
    context = context_of(request)
    known = context.diary.period()
    until = context.last_night()
    if known is None or known[0] > until:
        return None
    return max(known[0], until - PERIODS[_chosen(request)] + timedelta(days=1)), until


def _chosen(request: Request) -> str:
    back = request.query_params.get("back", _DEFAULT)
    return back if back in PERIODS else _DEFAULT

"""The page for a doctor: choose the weeks, then read it, print it, or take it along as a PDF."""

import re
from base64 import b64encode
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nightvoice.content.pages import load_pages
from nightvoice.insight.night import last_night
from nightvoice.system.extras import require_extra
from nightvoice.web.context import of, show

BACK: Final = {"4w": timedelta(weeks=4), "3m": timedelta(weeks=13), "1y": timedelta(weeks=52)}
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def report(request: Request) -> Response:
    """``/report``"""
    period = _period(request)
    return show(request, "report.html", back=_back(request), period=period)


def as_page(request: Request) -> Response:
    """``/report/page``: the sheet itself, which brings its own style."""
    found = _made(request)
    if found is None:
        return RedirectResponse("/report", 303)
    with require_extra("report"):
        from nightvoice.insight.report_page import report_html  # noqa: PLC0415
    page = report_html(*found)
    styles = " ".join(
        f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in _STYLE.findall(page)
    )
    policy = f"default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def as_pdf(request: Request) -> Response:
    """``/report/pdf``"""
    found = _made(request)
    if found is None:
        return RedirectResponse("/report", 303)
    with require_extra("report"):
        from nightvoice.insight.report_page import report_pdf  # noqa: PLC0415
    name = f"nightvoice-{found[2]}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(report_pdf(*found), media_type="application/pdf", headers=headers)


def _made(request: Request) -> tuple[Any, Any, date] | None:
    """The report of the period, its words, and today; None where there is no night yet."""
    period = _period(request)
    if period is None:
        return None
    with require_extra("report"):
        from nightvoice.insight.report import report_of  # noqa: PLC0415
    context = of(request)
    config = context.config
    return report_of(context.diary, config, *period), load_pages(config.language), context.now().date()


def _period(request: Request) -> tuple[date, date] | None:
    context = of(request)
    known = context.diary.period()
    until = last_night(context.now())
    if known is None or known[0] > until:
        return None
    return max(known[0], until - BACK[_back(request)] + timedelta(days=1)), until


def _back(request: Request) -> str:
    back = request.query_params.get("back", "3m")
    return back if back in BACK else "3m"

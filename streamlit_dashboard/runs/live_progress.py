"""Bars of the runs under way, which the browser keeps up to date by itself.

Were they drawn by Streamlit, each look at the progress would be a run of a script, after which the
browser goes through the whole page: processor time that the simulation needs.
"""

import asyncio
import hmac
import re
import secrets
import time
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_dashboard import formats
from streamlit_dashboard.runs import orders
from streamlit_dashboard.runs.orders import Order, Status

_SECONDS_BETWEEN_LOOKS = 0.1
_SECONDS_BETWEEN_DRAWINGS = 1.0

_PATH = "/progress-of-runs"
_HEADER = "X-PlanWise-Page"
# Given to pages only, and a page is given to those who know the password of the dashboard.
_TOKEN = secrets.token_urlsafe()

_HERE = Path(__file__)
_component = st.components.v2.component(
    "progress_of_runs",
    html='<div class="orders"></div>',
    css=_HERE.with_suffix(".css").read_text(),
    js=_HERE.with_suffix(".js").read_text(),
)


def where(known: Status) -> str:
    """What an order is at, for an analyst."""
    if known.state == "queued":
        return "waiting to start"
    stage = formats.words(re.sub(r"^(stg|int|fct|dim|mon)_", "", known.stage))
    return f"{known.year} · {stage}" if known.year else stage


def bars(active: list[Order]) -> None:
    """A bar for every order under way; the page is run again once others are under way."""
    _component(
        key="progress-of-runs",
        data={
            "orders": [_seen(order) for order in active],
            "address": _PATH,
            "header": {_HEADER: _TOKEN},
        },
        on_others_change=lambda: None,
    )


async def _answer(request: Request) -> Response:
    """The orders under way, as soon as they are others than the page knows, at the latest soon."""
    if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), _TOKEN.encode()):
        return Response(status_code=403)
    known = request.query_params.get("known", "").split()
    answer_at = time.monotonic() + _SECONDS_BETWEEN_DRAWINGS
    while True:
        seen = await run_in_threadpool(_every_seen)
        if known != [order["id"] for order in seen] or time.monotonic() >= answer_at:
            return JSONResponse(seen)
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)


ROUTE = Route(_PATH, _answer)


def _every_seen() -> list[dict[str, Any]]:
    return [_seen(order) for order in orders.active()]


def _seen(order: Order) -> dict[str, Any]:
    known = orders.status(order)
    text = f"{order.scenario}: {where(known)}"
    return {"id": order.order_id, "text": text, "percent": round(100 * known.share)}

"""Progress of orders on a page; it follows the files of the order, so a reload loses nothing."""

import contextlib
from datetime import UTC, datetime

import streamlit as st

from orchestrator.publishing import NotPublishedError, published_run
from streamlit_dashboard import formats
from streamlit_dashboard.runs import live_progress, orders
from streamlit_dashboard.runs.orders import Order, Status

_WATCHED = "watched-orders"
_NEWEST = "newest-order"
_SHARE_OF_A_PACE = 0.2


def sidebar_progress() -> None:
    """Active orders in the sidebar, and a word about those that ended since the last look."""
    every = orders.every_order()
    newest = every[0].order_id if every else ""
    last_seen = st.session_state.get(_NEWEST, newest)
    st.session_state[_NEWEST] = newest
    active = orders.active()
    # A run that ends at once is never seen under way.
    asked_since = [order for order in every if order.order_id > last_seen]
    watched = st.session_state.setdefault(_WATCHED, {})
    watched |= {order.order_id: order for order in [*active, *asked_since]}
    _announce_finished()
    if active:
        live_progress.bars(active)


@st.fragment(run_every=1.0)
def show_active_order() -> None:
    """Progress, log and cancel of every active order, on a page."""
    for order in orders.active():
        show_order(order)


def show_order(order: Order) -> None:
    """One order: how far, how long, the log on demand, cancel."""
    known = orders.status(order)
    with st.container(border=True):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(f"**{order.scenario}** · {_seed(order)}")
        if not known.finished:
            button = f"cancel-{order.order_id}"
            if right.button("Cancel", key=button, disabled=known.is_stopping):
                orders.cancel(order)
                st.rerun(scope="app")
            st.progress(known.share, live_progress.where(known))
            st.caption(_times(order, known))
        explain(known)
        if st.toggle("Show the log", key=f"log-{order.order_id}"):
            st.code(orders.log_tail(order) or "Nothing yet.", language=None)


def explain(known: Status) -> None:
    """Why an order did not end with a result."""
    if known.state == "failed":
        st.error(_plain(known.message), icon=":material/error:")
    elif known.state == "cancelled":
        st.warning(known.message, icon=":material/cancel:")


def explain_last_order(scenario: str) -> None:
    """Why the last run of a scenario ended without a result, if it did and there is none since."""
    last = next((order for order in orders.every_order() if order.scenario == scenario), None)
    if last is None or orders.status(last).state not in ("failed", "cancelled"):
        return
    with contextlib.suppress(NotPublishedError):
        published_at = datetime.fromisoformat(published_run(scenario).published_at)
        if published_at > datetime.fromisoformat(last.submitted_at):
            return
    st.markdown("**The last run gave no result**")
    explain(orders.status(last))


def _announce_finished() -> None:
    watched = st.session_state[_WATCHED]
    for order in list(watched.values()):
        known = orders.status(order)
        if not known.finished:
            continue
        del watched[order.order_id]
        if known.state == "done":
            st.toast(f"New result for {order.scenario}", icon=":material/check_circle:")
        elif known.state == "failed":
            st.toast(
                f"The run of {order.scenario} failed: see the page Runs",
                icon=":material/error:",
                duration="long",
            )


def _times(order: Order, known: Status) -> str:
    since = datetime.fromisoformat(known.started_at or order.submitted_at)
    elapsed = (datetime.now(UTC) - since).total_seconds()
    # The result before may have taken fewer years, so it is asked only until this run has a pace.
    if known.share > _SHARE_OF_A_PACE:
        return f"{elapsed:.0f} s elapsed, expected about {elapsed / known.share:.0f} s"
    waits = known.started_at is None
    try:
        seconds = published_run(order.scenario).duration_seconds
        expected = f", {'then' if waits else 'expected'} about {seconds:.0f} s"
    except NotPublishedError:
        expected = ""
    return f"{elapsed:.0f} s {'of waiting' if waits else 'elapsed'}{expected}"


def _seed(order: Order) -> str:
    return "seed of the settings" if order.seed is None else f"seed {order.seed}"


def _plain(message: str) -> str:
    # Two blanks at its end keep a line from running into the next.
    return formats.literal(message).replace("\n", "  \n")


def show_failure(message: str) -> None:
    """An error for an analyst."""
    st.error(_plain(message), icon=":material/error:")

"""Starts the dashboard: on this machine only, unless a password protects it."""

import ipaddress
import os
import sys

import streamlit as st

from orchestrator import home
from streamlit_dashboard.access import PASSWORD_VARIABLE
from streamlit_dashboard.census_store import MOST_MEGABYTES
from streamlit_dashboard.charts.theme import BLUE, BLUE_ON_DARK
from streamlit_dashboard.runs import worker_process
from streamlit_dashboard.runs.live_progress import ROUTE

ADDRESS_VARIABLE, PORT_VARIABLE = "PLANWISE_DASHBOARD_ADDRESS", "PLANWISE_DASHBOARD_PORT"


def options(address: str, port: int) -> dict[str, str | int | bool]:
    """Streamlit's options; they are given in code, because the project has no Streamlit folder."""
    return {
        "server.address": address,
        "server.port": port,
        "server.headless": True,
        "server.maxUploadSize": MOST_MEGABYTES,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        # Given for each theme: a colour for both would switch the dark one off.
        "theme.light.primaryColor": BLUE,
        "theme.dark.primaryColor": BLUE_ON_DARK,
    }


def refusal(address: str, password: str | None) -> str | None:
    """Why the dashboard may not be served at `address`; None when it may."""
    if password or address == "localhost":
        return None
    try:
        if ipaddress.ip_address(address).is_loopback:
            return None
    except ValueError:
        pass
    return (
        f"The dashboard shows people's pay, so it is not served at {address} without a password. "
        f"Set {PASSWORD_VARIABLE}, or leave {ADDRESS_VARIABLE} out to serve this machine only."
    )


def main() -> None:
    """Check the address, start the worker that will run simulations, serve the pages."""
    address = os.environ.get(ADDRESS_VARIABLE, "127.0.0.1")
    port = os.environ.get(PORT_VARIABLE, "8501")
    reason = refusal(address, os.environ.get(PASSWORD_VARIABLE))
    if reason:
        sys.exit(reason)
    if not port.isdecimal():
        sys.exit(f"{PORT_VARIABLE} is {port!r}; it takes the number of a port, such as 8501.")
    worker_process.ensure_running()
    script = home.PROJECT_ROOT / "streamlit_dashboard" / "main.py"
    print(f"PlanWise Navigator: http://{address}:{port}", flush=True)
    st.App(script, routes=[ROUTE]).run(config=options(address, int(port)))


if __name__ == "__main__":
    main()

"""The password, when the dashboard is served beyond this machine."""

import hmac
import os

import streamlit as st

PASSWORD_VARIABLE = "PLANWISE_DASHBOARD_PASSWORD"


def is_admitted() -> bool:
    """Whether this visit has given the password, or none is set."""
    return not os.environ.get(PASSWORD_VARIABLE) or st.session_state.get("admitted", False)


def require_password() -> None:
    """Ask for the password once a visit, when one is set; ends the page until it is right."""
    if is_admitted():
        return
    password = os.environ[PASSWORD_VARIABLE]
    st.title("PlanWise Navigator")
    with st.form("password"):
        given = st.text_input("Password", type="password")
        entered = st.form_submit_button("Open", type="primary")
    if entered:
        if hmac.compare_digest(given.encode(), password.encode()):
            st.session_state["admitted"] = True
            st.rerun()
        st.error("That is not the password of this dashboard.")
    st.stop()

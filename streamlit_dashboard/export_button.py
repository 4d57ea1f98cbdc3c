"""The button that downloads the workbook of a result."""

import streamlit as st

from streamlit_dashboard import export
from streamlit_dashboard.queries.result import Result


def workbook_button(result: Result) -> None:
    """Made when it is asked for, not when the page is shown."""
    st.download_button(
        "Excel workbook",
        lambda: export.workbook(result),
        file_name=export.file_name(result),
        mime=export.MIME,
        on_click="ignore",
        icon=":material/download:",
        key="workbook",
    )

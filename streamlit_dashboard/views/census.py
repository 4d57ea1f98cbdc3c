"""Scenarios: the census of the next runs; upload, check, choose."""

import streamlit as st

from orchestrator.census import CensusError
from streamlit_dashboard import census_store
from streamlit_dashboard.runs.watching import show_failure

SAMPLE = "The generated sample of 5,000 employees"

st.title("Census")
in_use = census_store.in_use()
files = census_store.uploads()
names = [SAMPLE, *(path.name for path in files)]
chosen = st.radio(
    "Census of the next runs", names, index=names.index(in_use.name) if in_use else 0, key="census"
)
wanted = None if chosen == SAMPLE else files[names.index(chosen) - 1]
if wanted != in_use:
    census_store.use(wanted)
    st.rerun()

st.subheader("Upload")
st.write(
    "CSV or Parquet, one row an employee. Required columns: employee_id, employee_birth_date, "
    "employee_hire_date, employee_gross_compensation."
)
uploaded = st.file_uploader(
    f"Census file, at most {census_store.MOST_MEGABYTES} MB",
    type=list(census_store.SUFFIXES),
    max_upload_size=census_store.MOST_MEGABYTES,
)
st.caption(
    "The file is checked row by row and stays on this machine, readable by its owner only. Social "
    "security numbers are replaced by tokens before anything is computed, and are shown nowhere."
)
if uploaded and st.button("Check and use", type="primary"):
    try:
        path, report = census_store.add(uploaded.name, uploaded.getvalue())
    except CensusError as error:
        if error.report is None:
            show_failure(str(error))
        else:
            rejected = error.report
            st.error(
                f"{rejected.rejected_rows:,} of {rejected.source_rows:,} rows are bad, so the "
                "census is not used. Correct them and upload it again.",
                icon=":material/error:",
            )
            st.dataframe(rejected.rejects.to_pandas(), hide_index=True)
    else:
        census_store.use(path)
        for warning in report.warnings:
            st.warning(warning)
        st.success(f"{report.accepted_rows:,} people accepted. The next runs use {path.name}.")

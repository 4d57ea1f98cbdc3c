"""The Excel workbook of a result: summary, walks, plan, assumptions and run identity."""

import io

import numpy as np
import pandas as pd
import xlsxwriter

from streamlit_dashboard import formats
from streamlit_dashboard.queries import identity, plan, walks
from streamlit_dashboard.queries.result import Result

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_HEADCOUNT = [
    "year",
    "opening_headcount",
    "hires",
    "experienced_terminations",
    "new_hire_terminations",
    "closing_headcount",
]
_PAYROLL = [
    "year",
    "opening_payroll",
    "cola_payroll",
    "merit_payroll",
    "promotion_payroll",
    "hire_payroll",
    "exit_payroll",
    "closing_payroll",
]
_SUMMARY = [
    "year",
    "closing_headcount",
    "headcount_growth",
    "turnover",
    "promotion_rate",
    "closing_payroll",
    "payroll_growth",
    "average_pay",
    "average_pay_growth",
    "paid_compensation",
    "pay_growth",
]


def workbook(result: Result) -> bytes:
    """The workbook as the bytes of an .xlsx file. Numbers are numbers, with Excel formats."""
    yearly = walks.yearly(result)
    sheets = {
        "Summary": yearly[_SUMMARY],
        "Headcount walk": yearly[_HEADCOUNT],
        "Payroll walk": yearly[_PAYROLL],
        **plan.export_tables(result),
        "Assumptions": identity.settings(result),
        "Levers": identity.levers(result),
        "Checks": identity.checks(result),
        "Run": _run(result),
    }
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    cell_formats = {
        kind: book.add_format({"num_format": code}) for kind, code in formats.EXCEL.items()
    }
    for name, frame in sheets.items():
        _write_sheet(book.add_worksheet(name), frame, header, cell_formats)
    book.close()
    return buffer.getvalue()


def file_name(result: Result) -> str:
    """Names the scenario and the run."""
    return f"planwise_{result.scenario_id}_{result.run_id}.xlsx"


def _run(result: Result) -> pd.DataFrame:
    run, census = identity.run(result), identity.census(result)
    rows = {**run.to_dict(), "census_rows": census["accepted_rows"]}
    return pd.DataFrame({"item": rows.keys(), "value": [str(value) for value in rows.values()]})


def _write_sheet(
    sheet: xlsxwriter.worksheet.Worksheet,
    frame: pd.DataFrame,
    header: xlsxwriter.format.Format,
    cell_formats: dict[str, xlsxwriter.format.Format],
) -> None:
    for place, name in enumerate(frame.columns):
        sheet.write(0, place, formats.words(name), header)
        kind = formats.kind(name, frame[name].dtype)
        for row, value in enumerate(frame[name], start=1):
            if pd.isna(value):
                continue
            if kind in ("day", "moment"):
                sheet.write_datetime(row, place, value.to_pydatetime(), cell_formats[kind])
            elif isinstance(value, bool | np.bool_):
                sheet.write_boolean(row, place, value)
            elif kind == "text":
                sheet.write_string(row, place, str(value))
            else:
                sheet.write_number(row, place, float(value), cell_formats[kind])
        longest = max([len(str(value)) for value in frame[name].head(200)], default=0)
        sheet.set_column(place, place, min(60, max(12, longest + 2)))
    sheet.freeze_panes(1, 1)

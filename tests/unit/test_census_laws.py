"""Laws of the census load, on random censuses."""

import csv
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.census import REQUIRED_COLUMNS
from orchestrator.census import CensusError, CensusReport, load_census

AS_OF = date(2024, 12, 31)
REAL_CENSUS = Path(__file__).resolve().parents[3] / "shared" / "census"
BAD_VALUES = {
    "employee_id": ["", "NH_2025_000001"],
    "employee_birth_date": ["", "3/4/1980", "2031-01-01", "1880-01-01", "x"],
    "employee_hire_date": ["", "2031-01-01", "20100101", "1900-01-01"],
    "employee_gross_compensation": ["", "0", "-3", "$5", "inf", "17"],
    "employee_termination_date": ["yesterday", "1900-01-01"],
    "level_id": ["9", "x"],
    "employee_deferral_rate": ["6", "-0.1", "6%"],
    "is_officer": ["perhaps"],
    "account_balance_employee": ["-5"],
}


@st.composite
def people(draw: st.DrawFn) -> list[dict[str, str]]:
    rows = []
    for number in range(draw(st.integers(2, 12))):
        born = date(1960, 1, 1) + timedelta(days=draw(st.integers(0, 40 * 365)))
        hired = date(2016, 1, 1) + timedelta(days=draw(st.integers(0, 3000)))
        rows.append(
            {
                "employee_id": f"E{number}",
                "employee_birth_date": born.isoformat(),
                "employee_hire_date": hired.isoformat(),
                "employee_gross_compensation": str(draw(st.decimals(1000, 500_000, places=2))),
                "employee_termination_date": draw(st.sampled_from(["", "2024-12-31"])),
                "level_id": draw(st.sampled_from(["", "1", "2"])),
                "employee_deferral_rate": draw(st.sampled_from(["", "0", "0.06", "1"])),
                "is_officer": draw(st.sampled_from(["", "yes", "false"])),
                "account_balance_employee": draw(st.sampled_from(["", "0", "1234.56"])),
            }
        )
    return rows


def load(rows: list[dict[str, str]], allow_rejects: bool = False) -> CensusReport:
    with tempfile.TemporaryDirectory() as directory, duckdb.connect() as connection:
        path = Path(directory) / "census.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return load_census(connection, path, AS_OF, b"key", [1, 2], allow_rejects)


@settings(max_examples=20, deadline=None)
@given(rows=people(), data=st.data())
def test_the_order_of_rows_does_not_change_the_hash(rows, data):
    shuffled = data.draw(st.permutations(rows))
    assert load(shuffled).census_hash == load(rows).census_hash


@settings(max_examples=20, deadline=None)
@given(rows=people(), data=st.data())
def test_any_change_of_a_value_changes_the_hash(rows, data):
    row = data.draw(st.sampled_from(range(len(rows))))
    before = load(rows).census_hash
    column, value = data.draw(
        st.sampled_from(
            [
                ("employee_id", "another"),
                ("employee_birth_date", "1959-12-31"),
                ("employee_hire_date", "2015-12-31"),
                ("employee_gross_compensation", "500001"),
                ("level_id", "1" if rows[row]["level_id"] != "1" else ""),
                ("is_officer", "no" if rows[row]["is_officer"] != "false" else ""),
            ]
        )
    )
    rows[row] = rows[row] | {column: value}
    assert load(rows).census_hash != before


@settings(max_examples=40, deadline=None)
@given(rows=people(), data=st.data())
def test_every_corrupted_cell_is_reported_at_its_row_and_column_and_no_other(rows, data):
    cells = [(n, column) for n in range(len(rows)) for column in BAD_VALUES]
    corrupted = data.draw(st.sets(st.sampled_from(cells), min_size=1, max_size=6))
    for number, column in sorted(corrupted):
        # The same reserved id in two rows would rightly be one report of another kind each.
        value = data.draw(st.sampled_from(BAD_VALUES[column]))
        rows[number] = rows[number] | {column: value}
    bad_rows = {number for number, _ in corrupted}
    if len(bad_rows) == len(rows):
        with pytest.raises(CensusError) as caught:
            load(rows, allow_rejects=True)
        report = caught.value.report
        assert report is not None
    else:
        report = load(rows, allow_rejects=True)
    reported = {(reject.row_number - 2, reject.column_name) for reject in report.iter_rejects()}
    hidden = {
        # Against a hire date that is itself wrong, an early termination cannot be judged.
        (number, "employee_termination_date")
        for number, column in corrupted
        if column == "employee_hire_date"
        and rows[number]["employee_termination_date"] == "1900-01-01"
    }
    hidden |= {
        # Nor an early hire against a birth date that is wrong.
        (number, "employee_hire_date")
        for number, column in corrupted
        if column == "employee_birth_date" and rows[number]["employee_hire_date"] == "1900-01-01"
    }
    assert reported <= corrupted
    assert corrupted - reported <= hidden
    assert report.rejected_rows == len({number for number, _ in reported})
    assert report.accepted_rows + report.rejected_rows == len(rows)


@pytest.mark.parametrize(("year", "rows"), [(2012, 13_646), (2013, 13_817), (2014, 13_608)])
def test_the_real_census_loads_without_a_single_reject(year, rows):
    path = REAL_CENSUS / f"census_fy{year}.csv"
    if not path.exists():
        pytest.skip(f"the real census is not on this machine ({path})")
    previous = REAL_CENSUS / f"census_fy{year - 1}.csv"
    with duckdb.connect() as connection:
        report = load_census(
            connection,
            path,
            date(year, 12, 31),
            b"key",
            None,
            False,
            previous=previous if previous.exists() else None,
        )
    assert (report.source_rows, report.accepted_rows) == (rows, rows)
    assert set(REQUIRED_COLUMNS) < set(report.columns)
    assert len(report.drift) == (3 if previous.exists() else 0)
    assert not any(drift.drifted for drift in report.drift)

"""Loading a census: what is accepted, what is refused and how the refusal reads."""

import csv
import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.census import CENSUS_COLUMNS
from orchestrator import census
from orchestrator.census import CensusError, CensusReport, load_census
from orchestrator.census_checks import collect_rejects

AS_OF = date(2024, 12, 31)
KEY = b"a key for tests"
LEVELS = [1, 2, 3]
PERSON = {
    "employee_id": "E1",
    "employee_birth_date": "1980-05-06",
    "employee_hire_date": "2010-02-03",
    "employee_gross_compensation": "50000.00",
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def load(
    connection: duckdb.DuckDBPyConnection, path: Path, allow_rejects: bool = False
) -> CensusReport:
    return load_census(connection, path, AS_OF, KEY, LEVELS, allow_rejects)


def refusal(connection: duckdb.DuckDBPyConnection, path: Path) -> CensusError:
    with pytest.raises(CensusError) as caught:
        load(connection, path)
    return caught.value


def two_people(**second: str) -> list[dict[str, str]]:
    """A sound person in row 2 and one with the given cells in row 3."""
    sound = dict.fromkeys(second, "") | PERSON
    return [sound, sound | {"employee_id": "E2"} | second]


def test_accepted_rows_have_every_contract_column_with_its_type(tmp_path, connection):
    load(connection, write_csv(tmp_path / "census.csv", [PERSON]))
    described = connection.sql("DESCRIBE inputs.census").fetchall()
    assert [(row[0], row[1]) for row in described] == [(c.name, c.sql_type) for c in CENSUS_COLUMNS]
    row = connection.sql(
        "SELECT employee_id, employee_birth_date, employee_gross_compensation, level_id"
        " FROM inputs.census"
    ).fetchall()
    assert row == [("E1", date(1980, 5, 6), Decimal("50000.000000"), None)]


def test_accepted_and_rejected_rows_reconcile_with_the_source(tmp_path, connection):
    rows = [PERSON | {"employee_id": f"E{n}"} for n in range(8)]
    rows[3]["employee_gross_compensation"] = "-1"
    rows[5]["employee_gross_compensation"] = "-1"
    rows[5]["employee_birth_date"] = "?"
    path = write_csv(tmp_path / "census.csv", rows)
    report = load(connection, path, allow_rejects=True)
    assert (report.source_rows, report.accepted_rows, report.rejected_rows) == (8, 6, 2)
    assert connection.sql("SELECT * FROM inputs.census_load").fetchall() == [
        (str(path), 8, 6, 2, report.census_hash)
    ]
    assert connection.sql("SELECT count(*) FROM inputs.census").fetchall() == [(6,)]
    assert connection.sql(
        "SELECT row_number, column_name FROM inputs.census_rejects"
    ).fetchall() == [
        (5, "employee_gross_compensation"),
        (7, "employee_birth_date"),
        (7, "employee_gross_compensation"),
    ]


def test_a_bad_row_stops_the_load_unless_rejects_are_allowed(tmp_path, connection):
    path = write_csv(tmp_path / "census.csv", two_people(employee_gross_compensation="-5"))
    error = refusal(connection, path)
    assert error.report is not None
    assert error.report.rejected_rows == 1
    for part in ("row 3", "employee_gross_compensation", "'-5'", "--allow-rejects", str(path)):
        assert part in str(error)
    tables = connection.sql("SELECT table_name FROM information_schema.tables").fetchall()
    assert ("census",) not in tables, "a refused census must not be simulated"
    assert ("census_rejects",) in tables


def test_a_row_that_is_neither_accepted_nor_listed_stops_even_a_load_that_allows_rejects(
    tmp_path, connection, monkeypatch
):
    def lose_a_row(*arguments: Any) -> None:
        collect_rejects(*arguments)
        connection.execute(f"DELETE FROM {arguments[-1]} WHERE row_number = 3")

    monkeypatch.setattr(census, "collect_rejects", lose_a_row)
    path = write_csv(tmp_path / "census.csv", two_people(employee_gross_compensation="-5"))
    with pytest.raises(CensusError, match=r"2 rows were read, but 1 accepted and 0 rejected"):
        load(connection, path, allow_rejects=True)


def test_a_census_without_one_sound_row_is_refused_even_with_rejects_allowed(tmp_path, connection):
    path = write_csv(tmp_path / "census.csv", [PERSON | {"employee_id": ""}])
    with pytest.raises(CensusError, match="No row is usable"):
        load(connection, path, allow_rejects=True)


def test_fractions_of_a_cent_are_noted(tmp_path, connection):
    path = write_csv(tmp_path / "census.csv", two_people(account_balance_employee="10.004999"))
    assert "fractions of a cent, which are rounded: 1" in load(connection, path).render()


def test_a_census_from_a_pipe_is_refused(tmp_path, connection):
    pipe = tmp_path / "census.csv"
    os.mkfifo(pipe)
    assert "is a pipe" in str(refusal(connection, pipe))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("employee_id", "", "required value is missing"),
        ("employee_id", "   ", "required value is missing"),
        ("employee_id", "NH_2025_000001", "reserved for simulated hires"),
        ("employee_id", "x" * 65, "longer than 64"),
        ("employee_id", "E\x07", "cannot be printed"),
        ("employee_id", "1.23E+05", "scientific notation"),
        ("employee_id", "123-45-6789", "looks like a social security number"),
        ("job_title", "Clerk 123-45-6789", "looks like a social security number"),
        ("employee_birth_date", "05/06/1980", "write YYYY-MM-DD"),
        ("employee_birth_date", "29347", "spreadsheet day number"),
        ("employee_birth_date", "1980-05-06 13:00:00", "time of day"),
        ("employee_birth_date", "1980-02-30", "no such day"),
        ("employee_birth_date", "6 May 1980", "unreadable date"),
        ("employee_birth_date", "2030-01-01", "after the census date 2024-12-31"),
        ("employee_birth_date", "2012-01-01", "younger than 14"),
        ("employee_birth_date", "1903-12-31", "older than 120"),
        ("employee_hire_date", "1979-01-01", "before the birth date"),
        ("employee_hire_date", "1990-01-01", "hired before the age of 14"),
        ("employee_hire_date", "2025-01-01", "after the census date 2024-12-31"),
        ("employee_termination_date", "2009-12-31", "before the hire date"),
        ("plan_entry_date", "2010-01-01", "before the hire date"),
        ("employee_gross_compensation", "0", "above zero"),
        ("employee_gross_compensation", "-0.01", "above zero"),
        ("employee_gross_compensation", "24.50", "hourly"),
        ("employee_gross_compensation", "50000001", "not credible"),
        ("employee_gross_compensation", "$1,234.00", "without currency sign or thousands"),
        ("employee_gross_compensation", "51,234", "without currency sign or thousands"),
        ("employee_gross_compensation", "NaN", "leave the value empty"),
        ("employee_gross_compensation", "inf", "leave the value empty"),
        ("employee_gross_compensation", "5E4", "scientific notation"),
        ("employee_gross_compensation", "fifty", "not a number"),
        ("employee_gross_compensation", "1" * 13, "too large"),
        ("employee_gross_compensation", "50000.1234567", "six decimals"),
        ("prior_year_gross_pay", "-1", "negative"),
        ("level_id", "4", "configured levels 1, 2, 3"),
        ("level_id", "1.5", "whole number"),
        ("scheduled_hours_per_week", "0", "at most 168"),
        ("scheduled_hours_per_week", "169", "at most 168"),
        ("ownership_pct", "1.01", "between 0 and 1"),
        ("ownership_pct", "-0.1", "negative"),
        ("employee_deferral_rate", "6", "if 6% is meant, write 0.06"),
        ("employee_deferral_rate", "6%", "0.06 for 6%"),
        ("employee_deferral_rate", "700", "between 0 and 1"),
        ("employee_roth_share", "50", "if 50% is meant, write 0.5"),
        ("employee_roth_share", "16.66666", "if 16.66666% is meant, write 0.166667"),
        ("is_officer", "maybe", "true or false"),
        ("auto_escalation_opt_out", "2", "true or false"),
        ("account_balance_employee", "-0.01", "negative"),
        ("account_balance_employer", "-0.01", "negative"),
        ("account_balance_employer", "1000000000.01", "not credible"),
        ("employee_ssn", "123-456-789", "has nine digits"),
        ("employee_ssn", "12345678", "has nine digits"),
        ("employee_ssn", "000-45-6789", "never issued"),
        ("employee_ssn", "666-45-6789", "never issued"),
        ("employee_ssn", "912-45-6789", "never issued"),
        ("employee_ssn", "123-00-6789", "never issued"),
        ("employee_ssn", "123-45-0000", "never issued"),
    ],
)
def test_a_bad_cell_is_listed_once_with_its_row_column_and_reason(
    tmp_path, connection, column, value, reason
):
    path = write_csv(tmp_path / "census.csv", two_people(**{column: value}))
    report = refusal(connection, path).report
    assert report is not None
    (reject,) = report.iter_rejects()
    assert (reject.row_number, reject.column_name) == (3, column)
    assert reason in reject.reason
    masked = column == "employee_ssn" or "social security" in reject.reason
    if masked:
        assert reject.value is not None and "***-**-****" in reject.value
    else:
        assert (reject.value or "") == value.strip()


@pytest.mark.parametrize(
    ("column", "value", "typed"),
    [
        ("employee_id", "é-1|x", "é-1|x"),
        ("employee_gross_compensation", "+50000.1234560000", Decimal("50000.123456")),
        ("employee_gross_compensation", "1000", Decimal("1000")),
        ("employee_gross_compensation", "50000000", Decimal("50000000")),
        ("employee_birth_date", "1904-01-01", date(1904, 1, 1)),
        ("employee_hire_date", "2024-12-31", date(2024, 12, 31)),
        ("employee_hire_date", "1994-05-06", date(1994, 5, 6)),
        ("employee_termination_date", "2010-02-03", date(2010, 2, 3)),
        ("prior_year_gross_pay", "0", Decimal(0)),
        ("level_id", "3.0", 3),
        ("scheduled_hours_per_week", "168", Decimal(168)),
        ("ownership_pct", "1", Decimal(1)),
        ("employee_deferral_rate", ".06", Decimal("0.06")),
        ("employee_roth_share", "0", Decimal(0)),
        ("is_officer", "YES", True),
        ("is_officer", "0", False),
        ("auto_escalation_opt_out", "True", True),
        ("account_balance_employee", "", None),
    ],
)
def test_a_value_at_the_edge_of_the_rules_is_accepted(tmp_path, connection, column, value, typed):
    load(connection, write_csv(tmp_path / "census.csv", two_people(**{column: value})))
    got = connection.sql(f"SELECT {column} FROM inputs.census").fetchall()
    assert (typed,) in got


def test_one_wrong_date_is_not_reported_again_under_the_dates_compared_with_it(
    tmp_path, connection
):
    rows = two_people(
        employee_hire_date="2030-01-01",
        employee_termination_date="2020-01-01",
        plan_entry_date="2015-01-01",
    )
    report = refusal(connection, write_csv(tmp_path / "census.csv", rows)).report
    assert report is not None
    assert [r.column_name for r in report.iter_rejects()] == ["employee_hire_date"]


def test_every_row_of_a_duplicated_id_is_refused_naming_the_first(tmp_path, connection):
    rows = [PERSON | {"employee_id": name} for name in ("E1", "E2", "E1", " E1", "e1")]
    rows += [PERSON | {"employee_id": f"\u2003E3{blank}"} for blank in ("\u3000", "\u202f")]
    report = load(connection, write_csv(tmp_path / "census.csv", rows), allow_rejects=True)
    rejects = list(report.iter_rejects())
    assert [r.row_number for r in rejects] == [2, 4, 5, 7, 8]
    assert {r.reason for r in rejects} == {
        "employee_id is used more than once: 3 rows, the first is row 2",
        "employee_id is used more than once: 2 rows, the first is row 7",
    }
    kept = connection.sql("SELECT employee_id FROM inputs.census").fetchall()
    assert kept == [("E2",), ("e1",)]


def test_the_report_counts_bad_cells_by_reason_and_shows_the_first_twenty(tmp_path, connection):
    rows = [PERSON | {"employee_id": f"E{n}", "employee_birth_date": "1/2/1980"} for n in range(30)]
    rows.append(PERSON | {"employee_id": "sound"})
    error = refusal(connection, write_csv(tmp_path / "census.csv", rows))
    assert error.report is not None
    assert error.report.reasons[0][0] == "employee_birth_date"
    assert error.report.reasons[0][2] == 30
    text = error.report.render()
    assert "row 21 " in text and "row 22 " not in text
    assert "and 10 more" in text and "planwise census validate" in text
    assert "row 31 " in error.report.render(limit=None)


def test_former_employees_and_later_termination_dates_are_kept_and_counted(tmp_path, connection):
    rows = two_people(employee_termination_date="2020-01-01")
    rows.append(rows[0] | {"employee_id": "E3", "employee_termination_date": "2025-06-30"})
    report = load(connection, write_csv(tmp_path / "census.csv", rows))
    assert report.accepted_rows == 3
    assert any("1 former employees" in note for note in report.warnings)
    assert any("1 termination dates lie after 2024-12-31" in note for note in report.warnings)


def test_ownership_that_adds_up_to_more_than_the_company_is_noted(tmp_path, connection):
    rows = two_people(ownership_pct="0.7")
    rows[0]["ownership_pct"] = "0.5"
    report = load(connection, write_csv(tmp_path / "census.csv", rows))
    assert any("adds up to 120.0%" in note for note in report.warnings)


def test_the_same_people_have_one_hash_in_any_order_format_and_spelling(tmp_path, connection):
    rows = [
        PERSON | {"employee_id": f"E{n}", "level_id": str(n % 3 + 1), "ownership_pct": ""}
        for n in range(5)
    ]
    first = load(connection, write_csv(tmp_path / "a.csv", rows)).census_hash
    respelt = [row | {"employee_gross_compensation": "50000"} for row in reversed(rows)]
    assert load(connection, write_csv(tmp_path / "b.csv", respelt)).census_hash == first
    typed = pa.table(
        {
            "level_id": pa.array([float(row["level_id"]) for row in rows]),
            "employee_id": pa.array([row["employee_id"] for row in rows]).dictionary_encode(),
            "employee_birth_date": pa.array([date(1980, 5, 6)] * 5),
            "employee_hire_date": pa.array([datetime(2010, 2, 3)] * 5, pa.timestamp("ns")),
            "employee_gross_compensation": pa.array([50_000.0] * 5),
        }
    )
    pq.write_table(typed, tmp_path / "c.parquet")
    assert load(connection, tmp_path / "c.parquet").census_hash == first
    rows[4]["employee_gross_compensation"] = "50000.01"
    assert load(connection, write_csv(tmp_path / "d.csv", rows)).census_hash != first


def test_rows_of_a_parquet_file_are_counted_from_one(tmp_path, connection):
    columns = {name: [value, value] for name, value in PERSON.items()}
    columns["employee_id"] = ["E1", "E2"]
    columns["employee_gross_compensation"] = [50_000.0, float("nan")]
    pq.write_table(pa.table(columns), tmp_path / "census.parquet")
    error = refusal(connection, tmp_path / "census.parquet")
    assert error.report is not None
    assert "counted from 1" in error.report.row_label
    (reject,) = error.report.iter_rejects()
    assert reject.row_number == 2
    assert "leave the value empty" in reject.reason


def test_somebody_born_on_29_february_is_a_year_older_on_1_march(tmp_path, connection):
    rows = two_people(employee_birth_date="2000-02-29", employee_hire_date="2014-02-28")
    rows[0] |= {"employee_birth_date": "2000-02-29", "employee_hire_date": "2014-03-01"}
    error = refusal(connection, write_csv(tmp_path / "census.csv", rows))
    (reject,) = error.report.iter_rejects()
    assert (reject.row_number, reject.reason) == (3, "hired before the age of 14")


def test_drift_compares_age_tenure_and_pay_at_the_date_of_each_census(tmp_path, connection):
    def people(hire_year: int, pay: int) -> list[dict[str, str]]:
        return [
            PERSON
            | {
                "employee_id": f"E{n}",
                "employee_birth_date": f"{1965 + n % 30}-01-01",
                "employee_hire_date": f"{hire_year - n % 10}-01-01",
                "employee_gross_compensation": str(pay + 100 * n),
            }
            for n in range(200)
        ]

    current = write_csv(tmp_path / "now.csv", people(2022, 60_000))
    # A year earlier everyone had a year of tenure less, so the same dates of hire minus one year
    # give the same tenure; pay was doubled since.
    previous = write_csv(tmp_path / "before.csv", people(2021, 30_000))
    report = load_census(connection, current, AS_OF, KEY, LEVELS, False, previous=previous)
    measured = {drift.measure: drift for drift in report.drift}
    assert measured["tenure"].statistic == 0
    assert 0 < measured["age"].statistic < 0.10 and not measured["age"].drifted
    assert measured["pay"].statistic == 1.0 and measured["pay"].drifted
    stored = connection.sql("SELECT * FROM inputs.census_drift ORDER BY measure").fetchall()
    assert stored == sorted(tuple(drift) for drift in report.drift)
    assert "DRIFTED" in str(report)


def test_a_previous_census_before_the_first_year_is_refused(tmp_path, connection):
    path = write_csv(tmp_path / "census.csv", [PERSON])
    with pytest.raises(CensusError, match="no year before 0001-01-01"):
        load_census(connection, path, date(1, 1, 1), KEY, LEVELS, True, previous=path)


def test_drift_leaves_out_former_employees(tmp_path, connection):
    rows = [PERSON | {"employee_id": f"E{n}", "employee_termination_date": ""} for n in range(4)]
    previous = write_csv(tmp_path / "before.csv", rows)
    rows[0]["employee_termination_date"] = "2024-12-31"
    rows[1]["employee_termination_date"] = "2025-01-01"
    current = write_csv(tmp_path / "now.csv", rows)
    report = load_census(connection, current, AS_OF, KEY, LEVELS, False, previous=previous)
    assert {(d.previous_rows, d.current_rows) for d in report.drift} == {(4, 3)}


def test_a_load_replaces_what_an_earlier_one_left(tmp_path, connection):
    path = write_csv(tmp_path / "two.csv", two_people(employee_gross_compensation="-5"))
    report = load_census(connection, path, AS_OF, KEY, LEVELS, True, previous=path)
    assert any("previous census" in w and "1 bad rows left out" in w for w in report.warnings)
    load(connection, write_csv(tmp_path / "one.csv", [PERSON]))
    counts = connection.sql("""
        SELECT (SELECT count(*) FROM inputs.census), (SELECT count(*) FROM inputs.census_rejects),
          (SELECT count(*) FROM inputs.census_drift), (SELECT count(*) FROM inputs.census_load)
    """).fetchall()
    assert counts == [(1, 0, 0, 1)]
    assert connection.sql("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall() == [
        (0,)
    ]

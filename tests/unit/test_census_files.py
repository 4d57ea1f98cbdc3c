"""A file that is not a readable census gets one clear message; readable variants load."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestrator.census import CensusError, CensusReport, load_census

HEADER = "employee_id,employee_birth_date,employee_hire_date,employee_gross_compensation"
ADA = "E1,1980-05-06,2010-02-03,50000"
BOB = "E2,1985-05-06,2012-02-03,60000"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def load(
    connection: duckdb.DuckDBPyConnection, path: Path, allow_rejects: bool = False
) -> CensusReport:
    return load_census(connection, path, date(2024, 12, 31), b"key", [1], allow_rejects)


def refusal(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    with pytest.raises(CensusError) as caught:
        load(connection, path)
    return str(caught.value)


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "census.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (b",,,\n,,,\n", "is empty"),
        (HEADER, "no employees"),
        (HEADER + "\n\n", "no employees"),
        (HEADER.replace(",", ";") + "\n", "separated by semicolons; a census is separated by"),
        (HEADER.replace(",", "\t") + "\n", "separated by tabs"),
        ((HEADER + "\n" + ADA).encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\x00\x00\x00\x00", "neither CSV nor Parquet"),
        (b"PAR1 cut short", "not a readable Parquet file"),
        (HEADER.encode() + b"\n" + ADA.encode() + b"\nM\xfcller,1,2,3\n", "line 3: not UTF-8"),
        (HEADER + "\n" + ADA + '\n"E2,1985-05-06,2012-02-03,60000\n', "line 3: not readable"),
        (HEADER + ",employee_id\n" + ADA + ",E1\n", "employee_id appears more than once"),
    ],
)
def test_a_file_that_is_no_census_is_refused_saying_why(tmp_path, connection, content, message):
    path = written(tmp_path, content)
    text = refusal(connection, path)
    assert message in text
    assert str(path) in text


def test_a_missing_path_and_a_directory_are_refused(tmp_path, connection):
    for name in ("absent.csv", "x" * 256):
        assert "There is no census at" in refusal(connection, tmp_path / name)
    assert "is a directory" in refusal(connection, tmp_path)


def test_a_file_that_may_not_be_read_is_refused(tmp_path, connection, monkeypatch):
    path = written(tmp_path, HEADER)

    def forbidden(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert "cannot be read: Permission denied" in refusal(connection, path)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("employee_hiredate", "employee_hire_date"),
        ("Employee_Hire_Date", "employee_hire_date"),
        ("employee hire date", "employee_hire_date"),
        ("hire_date", "employee_hire_date"),
    ],
)
def test_a_misspelt_required_column_names_the_right_one(tmp_path, connection, found, wanted):
    path = written(tmp_path, HEADER.replace(wanted, found) + "\n" + ADA)
    text = refusal(connection, path)
    assert f"required column missing: {wanted} (found {found}: rename it to {wanted})" in text


def test_all_missing_required_columns_are_named_at_once(tmp_path, connection):
    text = refusal(connection, written(tmp_path, "employee_id,colour\nE1,red\n"))
    for name in HEADER.split(",")[1:]:
        assert name in text
    assert "Columns found: employee_id, colour" in text


def test_a_file_without_header_is_told_so(tmp_path, connection):
    assert "first line must hold the column names" in refusal(connection, written(tmp_path, ADA))


@pytest.mark.parametrize("name", ["employee_deferal_rate", "Job Title", "termination_date", "ssn"])
def test_a_near_miss_of_an_optional_column_is_refused_and_not_ignored(tmp_path, connection, name):
    path = written(tmp_path, f"{HEADER},{name}\n{ADA},\n")
    assert re.search(rf"misspelt column {name} \(did you mean \w+\?\)", refusal(connection, path))


def test_unknown_columns_are_reported_and_ignored(tmp_path, connection):
    path = written(tmp_path, f"{HEADER},employee_name,departments_code,\n{ADA},Ada,7,\n")
    report = load(connection, path)
    (note,) = report.warnings
    assert note == (
        "unknown columns ignored: employee_name,"
        " departments_code (did you mean department?), (no name)"
    )
    described = connection.sql("DESCRIBE inputs.census").fetchall()
    assert "employee_name" not in {row[0] for row in described}


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + f"{HEADER}\n{ADA}\n{BOB}\n",
        f"{HEADER}\r\n{ADA}\r\n{BOB}\r\n\r\n\r\n",
        f"{HEADER}\n\n{ADA}\n\n{BOB}",
        f"{HEADER}\n{ADA}\n,,,\n{BOB}\n,,,\n",
        f" {HEADER.replace(',', ' , ')} \n{ADA}\n{BOB.replace(',', ' , ')}\n",
        HEADER.replace(",", '","').join('""') + f"\n{ADA}\n" + BOB.replace(",", '","').join('""'),
    ],
    ids=["byte order mark", "crlf", "blank lines", "empty sheet rows", "spaces", "quotes"],
)
def test_variants_that_spreadsheets_write_load_the_same_people(tmp_path, connection, content):
    report = load(connection, written(tmp_path, content))
    (tmp_path / "plain").mkdir()
    plain = load(connection, written(tmp_path / "plain", f"{HEADER}\n{ADA}\n{BOB}\n"))
    assert (report.source_rows, report.census_hash) == (2, plain.census_hash)


def test_a_row_is_numbered_by_its_first_line_in_the_file(tmp_path, connection):
    lines = [
        HEADER + ",job_title",
        ADA + ',"Clerk\nof\nWorks"',
        "",
        BOB.replace("60000", "-1") + ',"two\nlines"',
        "E3,1985-05-06,2012-02-03,-1,x",
    ]
    report = load(connection, written(tmp_path, "\n".join(lines)), allow_rejects=True)
    assert "line of the file" in report.row_label
    assert [reject.row_number for reject in report.iter_rejects()] == [6, 8]


def test_rows_with_too_few_or_too_many_fields_are_listed(tmp_path, connection):
    content = f"{HEADER}\n{ADA}\nE2,1985-05-06\n{BOB},1,234\n"
    report = load(connection, written(tmp_path, content), allow_rejects=True)
    assert (report.source_rows, report.accepted_rows, report.rejected_rows) == (3, 1, 2)
    listed = [(r.row_number, r.column_name, r.value) for r in report.iter_rejects()]
    assert listed == [(3, "(row)", "2 fields"), (4, "(row)", "6 fields")]
    assert "another number of fields than the header (4)" in str(report)


def test_a_parquet_column_of_a_type_that_is_no_value_is_refused(tmp_path, connection):
    path = tmp_path / "census.parquet"
    columns = {name: [value] for name, value in zip(HEADER.split(","), ADA.split(","), strict=True)}
    pq.write_table(pa.table(columns | {"job_title": [["a", "list"]]}), path)
    assert "column job_title has type list" in refusal(connection, path)
    pq.write_table(pa.table(columns | {"employee_id": [1.0]}), path)
    assert "employee_id holds floating-point numbers" in refusal(connection, path)


def test_a_parquet_file_of_other_types_is_read_by_the_same_rules(tmp_path, connection):
    path = tmp_path / "census.parquet"
    table = pa.table(
        {
            "employee_id": pa.array([7], pa.uint32()),
            "employee_birth_date": pa.array(["1980-05-06"], pa.large_string()),
            "employee_hire_date": pa.array([date(2010, 2, 3)], pa.date64()),
            "employee_gross_compensation": pa.array([50000], pa.decimal128(38, 10)),
            "is_officer": pa.array([True]),
            "job_title": pa.array([None], pa.null()),
            "employee_deferral_rate": pa.array([0.06], pa.float32()),
        }
    )
    pq.write_table(table, path)
    load(connection, path)
    row = connection.sql(
        "SELECT employee_id, employee_birth_date, employee_hire_date, is_officer, job_title,"
        " employee_deferral_rate::VARCHAR FROM inputs.census"
    ).fetchall()
    assert row == [("7", date(1980, 5, 6), date(2010, 2, 3), True, None, "0.060000")]

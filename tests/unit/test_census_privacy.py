"""Social security numbers become keyed tokens and are found nowhere else."""

import hmac
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestrator.census import CensusError, load_census
from orchestrator.census_source import tokenize_ssn

AS_OF = date(2024, 12, 31)
HEADER = (
    "employee_id,employee_ssn,employee_birth_date,employee_hire_date,"
    "employee_gross_compensation,job_title"
)
SOUND = "E1,123-45-6789,1980-05-06,2010-02-03,50000,Clerk"


def census(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "census.csv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def everything_in(connection: duckdb.DuckDBPyConnection) -> str:
    """Every cell of every table and view, temporary ones included."""
    names = connection.execute(
        "SELECT database_name || '.' || schema_name || '.' || table_name FROM duckdb_tables()"
    ).fetchall()
    return repr([connection.execute(f"FROM {name}").fetchall() for (name,) in names])


def test_the_token_is_a_keyed_hash_of_the_nine_digits():
    expected = "tok_" + hmac.new(b"key", b"123456789", "sha256").hexdigest()[:32]
    assert tokenize_ssn("123-45-6789", b"key") == (expected, None)
    assert tokenize_ssn("123456789", b"key") == (expected, None)
    assert tokenize_ssn("123456789", b"other key")[0] != expected


def test_the_census_holds_the_token_and_never_the_number(tmp_path):
    work_file = tmp_path / "work.duckdb"
    with duckdb.connect(str(work_file)) as connection:
        load_census(connection, census(tmp_path, SOUND), AS_OF, b"key", None, False)
        tokens = connection.execute("SELECT employee_ssn FROM inputs.census").fetchall()
        assert tokens == [(tokenize_ssn("123456789", b"key")[0],)]
        assert "6789" not in everything_in(connection)
        connection.execute("CHECKPOINT")
    content = work_file.read_bytes()
    assert b"E1" in content
    assert b"123456789" not in content and b"123-45-6789" not in content


@pytest.mark.parametrize(
    "rows",
    [
        ("E2,123-45-678,1980-05-06,2010-02-03,50000,Clerk",),
        ("E2,666-45-6789,1980-05-06,2010-02-03,50000,Clerk",),
        ("E2,123456789,1980-05-06,2010-02-03,50000,Clerk",),
        ("123-45-6789,,1980-05-06,2010-02-03,50000,Clerk",),
        ("123456789,123-45-6789,1980-05-06,2010-02-03,50000,Clerk",),
        ("E219096789,219-09-6789,1980-05-06,2010-02-03,50000,Clerk",),
        ("E2,,1980-05-06,2010-02-03,50000,Clerk 123-45-6789",),
        ("E2,219-09-6789,1980-05-06,2010-02-03,50000,SSN 219096789",),
        ("E2,1980-05-06,123-45-6789,2010-02-03,50000,Clerk",),
        ("E2,1980-05-06,123456789,2010-02-03,50000,Clerk",),
        ("E2,1980-05-06,2010-02-03,50000,123456789,Clerk",),
        ("E2,,123-45-6789,1980-05-06,2010-02-03,50000,Clerk",),
        ("2-8765-4301,287-65-4301,1980-05-06,2010-02-03,50000,Clerk",),
        ("E2,1980-05-06,287 65 4301,2010-02-03,50000,Clerk",),
        ("E2,1980-05-06,SSN 287654301,2010-02-03,50000,Clerk",),
        ("E2,1980-05-06,2010-02-03,2010-02-03,28765.4301x,Clerk",),
    ],
    ids=[
        "too short",
        "never issued",
        "shared",
        "as id",
        "own number as id",
        "own number in the id",
        "in a title",
        "own number in a title",
        "shifted",
        "shifted without dashes",
        "shifted into pay",
        "ragged",
        "own number as id, grouped otherwise",
        "shifted with blanks",
        "shifted with a word",
        "shifted into pay with a dot",
    ],
)
def test_a_refused_number_appears_in_no_message_and_no_table(tmp_path, rows):
    connection = duckdb.connect()
    with pytest.raises(CensusError) as caught:
        load_census(connection, census(tmp_path, SOUND, *rows), AS_OF, b"key", None, False)
    report = caught.value.report
    assert report is not None and report.rejected_rows >= 1
    seen = "\n".join(
        [
            str(caught.value),
            repr(caught.value),
            report.render(limit=None),
            repr(report),
            repr(list(report.iter_rejects())),
            everything_in(connection),
        ]
    )
    assert "6789" not in seen
    assert "45-678" not in seen
    assert "4301" not in seen


@pytest.mark.parametrize("column", [0, 5])
@pytest.mark.parametrize(
    "number",
    [
        *(f"287{mark}65{mark}4301" for mark in " .-\u2013\u2014\u2212/_\u00a0\u2011"),
        "287-65 4301",
        "n_287_65_4301_287_65_4301",
    ],
)
def test_a_number_is_recognised_in_any_grouping(tmp_path, column, number):
    cells = ["E2", "", "1980-05-06", "2010-02-03", "50000", "Clerk"]
    cells[column] = number
    with pytest.raises(CensusError, match="looks like a social security number") as caught:
        load_census(
            duckdb.connect(), census(tmp_path, SOUND, ",".join(cells)), AS_OF, b"key", None, False
        )
    assert caught.value.report is not None
    assert "4301" not in caught.value.report.render(limit=None)


@pytest.mark.parametrize(
    "identifier",
    [
        "12345",
        "287654301",
        "2024-001",
        "2024-001234",
        "2024/01/0001",
        "2020-01-01",
        "212-555-1234",
        "212-5551234",
        "12345-6789",
        "12345-67890",
    ],
)
def test_other_numbers_are_no_social_security_numbers(tmp_path, identifier):
    header = HEADER + ",account_balance_employee"
    row = f"{identifier},219-09-9999,1980-05-06,2010-02-03,50000,Desk {identifier},28765.4301"
    path = census(tmp_path, row, header=header)
    assert load_census(duckdb.connect(), path, AS_OF, b"key", None, False).accepted_rows == 1


def test_an_employee_id_that_is_the_persons_own_number_is_refused_and_masked(tmp_path):
    path = census(tmp_path, SOUND, "219099999,219-09-9999,1980-05-06,2010-02-03,50000,Clerk")
    with pytest.raises(CensusError) as caught:
        load_census(duckdb.connect(), path, AS_OF, b"key", None, False)
    assert caught.value.report is not None
    (reject,) = caught.value.report.iter_rejects()
    assert (reject.row_number, reject.column_name, reject.value) == (
        3,
        "employee_id",
        "***-**-****",
    )
    assert "looks like a social security number" in reject.reason


@pytest.mark.parametrize("identifier", ["287654301", "28765-4301", "287 654301"])
def test_a_misformatted_number_is_recognised_as_the_persons_own(tmp_path, identifier):
    path = census(tmp_path, SOUND, f"{identifier},287 65 4301,1980-05-06,2010-02-03,50000,Clerk")
    report = load_census(duckdb.connect(), path, AS_OF, b"key", None, True)
    assert [(r.column_name, r.value) for r in report.iter_rejects()] == [
        ("employee_id", "***-**-****"),
        ("employee_ssn", "***-**-****"),
    ]


def test_a_shared_number_is_refused_in_every_row_that_has_it(tmp_path):
    rows = (SOUND, SOUND.replace("E1,123-45-6789", "E2,123456789"), "E3" + SOUND[2:])
    connection = duckdb.connect()
    with pytest.raises(CensusError) as caught:
        load_census(connection, census(tmp_path, *rows), AS_OF, b"key", None, False)
    assert caught.value.report is not None
    rejects = list(caught.value.report.iter_rejects())
    assert [r.row_number for r in rejects] == [2, 3, 4]
    assert {r.value for r in rejects} == {"***-**-****"}
    assert "used more than once: 3 rows, the first is row 2" in rejects[1].reason


@pytest.mark.parametrize("number", ["123456789", "123 45 6789", "123_45_6789"])
def test_a_file_without_header_does_not_show_its_first_person(tmp_path, number):
    path = census(tmp_path, SOUND, header=SOUND.replace("Clerk", number))
    with pytest.raises(CensusError) as caught:
        load_census(duckdb.connect(), path, AS_OF, b"key", None, False)
    assert "Columns found" in str(caught.value)
    assert "6789" not in str(caught.value)


def test_the_census_hash_does_not_depend_on_the_key(tmp_path):
    path = census(tmp_path, SOUND)
    hashes = {
        load_census(duckdb.connect(), path, AS_OF, key, None, False).census_hash
        for key in (b"one home", b"another home")
    }
    assert len(hashes) == 1

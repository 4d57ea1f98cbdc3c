"""The sample census is repeatable, loads without complaint, and looks like a US employer."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from config.loading import load_simulation
from config.schema import JobLevel
from orchestrator import prepare
from orchestrator.census import load_census
from orchestrator.prepare import sample_census
from orchestrator.sample_census import generate

AS_OF = date(2024, 12, 31)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The default sample, 5,000 people, in `inputs.census`."""
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    generate(5_000, 42, path, AS_OF)
    with duckdb.connect() as connection:
        load_census(connection, path, AS_OF, b"key", [1, 2, 3, 4, 5], allow_rejects=False)
        yield connection


def one(connection: duckdb.DuckDBPyConnection, expression: str) -> float:
    """An aggregate over the people, as a float."""
    query = f"SELECT ({expression})::DOUBLE FROM inputs.census"
    return connection.execute(query).fetchall()[0][0]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, suffix):
    first, again, other = (tmp_path / f"{name}.{suffix}" for name in ("first", "again", "other"))
    generate(200, 1, first, AS_OF)
    generate(200, 1, again, AS_OF)
    generate(200, 2, other, AS_OF)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("employees", [1, 2, 37, 1000])
def test_csv_and_parquet_hold_the_same_people_and_load_without_rejects(tmp_path, employees):
    hashes = set()
    for name in ("census.csv", "census.parquet"):
        generate(employees, 7, tmp_path / name, AS_OF)
        with duckdb.connect() as connection:
            report = load_census(
                connection, tmp_path / name, AS_OF, b"key", [1, 2, 3, 4, 5], allow_rejects=False
            )
        assert report.accepted_rows == employees
        assert report.warnings == ()
        hashes.add(report.census_hash)
    assert len(hashes) == 1


def test_the_sample_has_no_numbers_and_no_elections(people):
    empty = ("employee_ssn", "employee_deferral_rate", "employee_roth_share")
    for column in empty:
        assert one(people, f"count({column})") == 0
    filled = ("level_id", "department", "job_title", "prior_year_gross_pay", "is_officer")
    for column in filled:
        assert one(people, f"count({column})") == 5_000


def test_tenure_is_that_of_the_us_workforce(people):
    tenure = f"date_diff('day', employee_hire_date, DATE '{AS_OF}') / 365.25"
    assert one(people, f"median({tenure})") == pytest.approx(4.0, abs=0.5)
    assert one(people, f"avg(({tenure} <= 1.0)::INTEGER)") == pytest.approx(0.22, abs=0.02)
    assert one(people, f"avg(({tenure} >= 20.0)::INTEGER)") == pytest.approx(0.05, abs=0.015)


def test_ages_lie_between_20_and_70_and_nobody_was_hired_a_child(people):
    age = f"datesub('year', employee_birth_date, DATE '{AS_OF}')"
    assert one(people, f"min({age})") >= 20
    assert one(people, f"max({age})") <= 70
    assert one(people, f"median({age})") == pytest.approx(40, abs=4)
    assert one(people, "min(datesub('year', employee_birth_date, employee_hire_date))") >= 17


def test_age_tenure_level_and_pay_rise_together(people):
    tenure = f"date_diff('day', employee_hire_date, DATE '{AS_OF}')"
    age = f"date_diff('day', employee_birth_date, DATE '{AS_OF}')"
    assert one(people, f"corr({age}, {tenure})") > 0.3
    assert one(people, f"corr({age}, level_id)") > 0.2
    assert one(people, f"corr({tenure}, employee_gross_compensation::DOUBLE)") > 0.1
    rates = people.execute(
        "SELECT median(employee_gross_compensation) FROM inputs.census"
        " GROUP BY level_id ORDER BY level_id"
    ).fetchall()
    assert len(rates) == 5
    assert rates == sorted(rates)


def test_full_time_pay_lies_inside_the_default_settings_range_of_the_level(people):
    for level in load_simulation().settings.compensation.job_levels:
        lowest, highest = people.execute(
            "SELECT min(employee_gross_compensation), max(employee_gross_compensation)"
            " FROM inputs.census WHERE level_id = ? AND scheduled_hours_per_week = 40",
            [level.level_id],
        ).fetchall()[0]
        assert level.minimum_compensation <= lowest < highest <= level.maximum_compensation


def test_pay_of_the_year_counts_only_the_days_since_hire(people):
    """Overtime and bonus add at most a half."""
    share = f"least(1, (date_diff('day', employee_hire_date, DATE '{AS_OF}') + 1) / 365.0)"
    ratio = f"prior_year_gross_pay::DOUBLE / (employee_gross_compensation::DOUBLE * {share})"
    assert one(people, f"min({ratio})") >= 0.95
    assert one(people, f"max({ratio})") <= 1.51
    assert one(people, f"avg({ratio})") == pytest.approx(1.02, abs=0.03)


def test_a_few_people_own_shares_and_two_own_more_than_five_percent(people):
    assert one(people, "count(*) FILTER (WHERE ownership_pct > 0)") == 5
    assert one(people, "count(*) FILTER (WHERE ownership_pct > 0.05)") == 2
    assert one(people, "avg(is_officer::INTEGER)") == pytest.approx(0.01, abs=0.001)


def test_most_work_full_time_and_the_others_twenty_to_thirty_hours(people):
    part = one(people, "avg((scheduled_hours_per_week < 40)::INTEGER)")
    assert part == pytest.approx(0.08, abs=0.03)
    hours = people.execute("SELECT DISTINCT scheduled_hours_per_week FROM inputs.census").fetchall()
    assert {int(value) for (value,) in hours} == {20, 24, 25, 28, 30, 40}


def test_balances_grow_with_tenure_and_newcomers_have_little(people):
    tenure = f"datesub('year', employee_hire_date, DATE '{AS_OF}')"
    balances = people.execute(
        f"SELECT avg(account_balance_employee) FROM inputs.census"
        f" GROUP BY least({tenure} // 5, 4) ORDER BY least({tenure} // 5, 4)"
    ).fetchall()
    assert balances == sorted(balances)
    newcomers = people.execute(
        f"SELECT max(account_balance_employee / employee_gross_compensation) FROM inputs.census"
        f" WHERE {tenure} < 1"
    ).fetchall()
    assert newcomers[0][0] < 1
    assert (
        one(
            people,
            "count(*) FILTER (WHERE account_balance_employee = 0 AND account_balance_employer > 0)",
        )
        == 0
    )


def job_level(level_id: int, minimum: int, maximum: int) -> JobLevel:
    return JobLevel(
        level_id=level_id,
        name=f"Level {level_id}",
        minimum_compensation=minimum,
        maximum_compensation=maximum,
        new_hire_weight=1,
    )


def test_other_levels_or_another_generator_are_another_default_census(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path))
    baseline = load_simulation().settings.compensation.job_levels
    raised = load_simulation(
        overrides=["compensation.job_levels.0.minimum_compensation=33000"]
    ).settings.compensation.job_levels
    first = sample_census(AS_OF, baseline)
    assert sample_census(AS_OF, baseline) == first
    assert sample_census(AS_OF, raised).read_bytes() != first.read_bytes()
    (tmp_path / "generator.py").touch()
    monkeypatch.setattr(prepare, "SAMPLE_CODE", tmp_path / "generator.py")
    assert sample_census(AS_OF, baseline) != first


def test_the_levels_given_are_the_levels_used(tmp_path):
    levels = [job_level(10, 20_000, 30_000), job_level(20, 30_000, 90_000)]
    path = tmp_path / "census.csv"
    generate(300, 3, path, AS_OF, levels)
    with duckdb.connect() as connection:
        load_census(connection, path, AS_OF, b"key", [10, 20], allow_rejects=False)
        used = connection.execute(
            "SELECT DISTINCT level_id FROM inputs.census ORDER BY level_id"
        ).fetchall()
    assert used == [(10,), (20,)]


def test_an_existing_file_is_replaced_whole_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "new" / "it's a census.csv"
    generate(50, 1, path, AS_OF)
    with path.open() as reader:
        generate(5, 1, path, AS_OF)
        assert len(reader.readlines()) == 51, "who reads the old file goes on reading it"
    assert len(path.read_text().splitlines()) == 6
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("employees", "name", "message"),
    [
        (0, "census.csv", "at least one employee"),
        (-3, "census.csv", "at least one employee"),
        (5, "census.xlsx", "written as .csv or .parquet"),
    ],
)
def test_an_impossible_request_is_refused(tmp_path: Path, employees, name, message):
    with pytest.raises(ValueError, match=message):
        generate(employees, 1, tmp_path / name, AS_OF)
    assert not list(tmp_path.iterdir())

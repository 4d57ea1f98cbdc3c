"""A year stands on its predecessor: which runs may continue a published result, and which not."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from config.loading import CONFIG_DIR
from orchestrator.failures import RunFailedError
from orchestrator.preflight import PreflightError, from_first_change, plan_run
from orchestrator.publishing import published_run
from orchestrator.request import RunRequest
from tests.integration.runs import run


def test_year_without_predecessor_is_refused_with_the_years_to_run(fresh_home: Path) -> None:
    with pytest.raises(PreflightError) as refusal:
        plan_run(RunRequest(years=(2027, 2029)))
    assert "year 2027 of scenario baseline stands on year 2026" in str(refusal.value)
    assert "Run --years 2025:2029" in str(refusal.value)


def test_gap_after_the_published_years_is_refused(home_with_result: Path) -> None:
    with pytest.raises(PreflightError, match="published years are 2025 to 2027"):
        plan_run(RunRequest(years=(2029, 2029)))


def test_first_year_before_the_configured_one_begins_from_the_census(fresh_home: Path) -> None:
    plan = plan_run(RunRequest(years=(2015, 2019)))
    assert (plan.start_year, plan.first_year, plan.continues) == (2015, 2015, None)


def test_the_start_that_the_refusal_names_may_lie_beyond_the_configured_end(
    fresh_home: Path,
) -> None:
    request = RunRequest(years=(2040, 2041))
    with pytest.raises(PreflightError, match=r"with --set simulation\.start_year=2040"):
        plan_run(request)
    plan = plan_run(replace(request, overrides=("simulation.start_year=2040",)))
    assert (plan.start_year, plan.last_year, plan.continues) == (2040, 2041, None)


@pytest.mark.parametrize("override", ["simulation.start_year=2026", "simulation.end_year=2029"])
def test_years_given_twice_must_agree(fresh_home: Path, override: str) -> None:
    with pytest.raises(PreflightError, match="say it once"):
        plan_run(RunRequest(years=(2025, 2027), overrides=(override,)))


def test_other_setting_is_named_when_it_would_break_earlier_years(
    home_with_result: Path, small_census: Path
) -> None:
    request = RunRequest(
        years=(2027, 2028), census=small_census, overrides=("workforce.total_termination_rate=0.1",)
    )
    with pytest.raises(PreflightError) as refusal:
        plan_run(request)
    assert "workforce.total_termination_rate: 0.12 then, 0.1 now" in str(refusal.value)
    assert "Rerun from the start: --years 2025:2028" in str(refusal.value)


def test_other_seed_is_refused(home_with_result: Path, small_census: Path) -> None:
    with pytest.raises(PreflightError, match=r"simulation\.random_seed: 42 then, 43 now"):
        plan_run(RunRequest(years=(2027, 2027), census=small_census, seed=43))


def test_levers_may_change_from_the_first_year_on_but_not_before(
    home_with_result: Path, small_census: Path, tmp_path: Path
) -> None:
    request = replace(
        _with_another_cola_in_2027(small_census, tmp_path), years=(2027, 2027), overrides=()
    )
    assert plan_run(request).continues is not None
    with pytest.raises(PreflightError, match="lever cola_rate of level 1 in 2027"):
        plan_run(replace(request, years=(2028, 2028)))


def test_a_changed_lever_is_run_from_its_first_year(
    home_with_result: Path, small_census: Path, tmp_path: Path
) -> None:
    request = _with_another_cola_in_2027(small_census, tmp_path)
    assert from_first_change(request).years == (2027, 2027)


def test_further_years_are_run_from_the_end_of_the_result(
    home_with_result: Path, small_census: Path
) -> None:
    request = RunRequest(census=small_census, overrides=("simulation.end_year=2029",))
    assert from_first_change(request).years == (2028, 2029)


def test_whatever_else_changes_is_run_from_the_start(
    home_with_result: Path, small_census: Path, tmp_path: Path
) -> None:
    smaller = tmp_path / "smaller.csv"
    header, _, *people = small_census.read_text().splitlines()
    smaller.write_text("\n".join([header, *people]) + "\n")
    request = _with_another_cola_in_2027(small_census, tmp_path)
    for other in (
        replace(request, levers=None),
        replace(request, seed=7),
        replace(request, census=smaller),
        replace(request, overrides=(*request.overrides, "plan.balances.annual_return=0.05")),
        replace(request, overrides=(*request.overrides, "simulation.start_year=2026")),
    ):
        assert from_first_change(other) == other


def test_other_census_is_refused_and_the_result_stays(
    home_with_result: Path, small_census: Path, tmp_path: Path
) -> None:
    before = published_run("baseline")
    header, _, *rows = small_census.read_text().splitlines()
    smaller = tmp_path / "smaller.csv"
    smaller.write_text("\n".join([header, *rows]) + "\n")
    with pytest.raises(RunFailedError, match="the census is another one"):
        run(RunRequest(years=(2027, 2027), census=smaller))
    assert published_run("baseline") == before


def test_rerunning_a_year_removes_later_years(home_with_result: Path, small_census: Path) -> None:
    published = run(RunRequest(years=(2026, 2026), census=small_census))
    assert published.years == (2025, 2026)
    with duckdb.connect(str(published.database), read_only=True) as connection:
        tables = connection.sql(
            """
            SELECT table_name FROM duckdb_columns()
            WHERE schema_name = 'main' AND column_name = 'simulation_year'
              AND table_name SIMILAR TO '(fct|mon)_.*'
            """
        ).fetchall()
        later = {
            table: connection.sql(
                f"SELECT count(*) FROM main.{table} WHERE simulation_year > 2026"
            ).fetchone()[0]
            for (table,) in tables
        }
    assert "fct_yearly_events" in later
    assert set(later.values()) == {0}


def test_checks_and_timings_name_the_run_of_each_year(
    home_with_result: Path, small_census: Path
) -> None:
    before = published_run("baseline")
    after = run(RunRequest(years=(2026, 2026), census=small_census))
    with duckdb.connect(str(after.database), read_only=True) as connection:
        for table in ("mon_data_quality", "mon_pipeline_performance"):
            runs = connection.sql(
                f"SELECT DISTINCT simulation_year, run_id FROM main.{table} ORDER BY ALL"
            ).fetchall()
            assert runs == [(2025, before.run_id), (2026, after.run_id)], table


def _with_another_cola_in_2027(census: Path, directory: Path) -> RunRequest:
    rows = (CONFIG_DIR / "comp_levers.csv").read_text().splitlines()
    changed = directory / "levers.csv"
    changed.write_text("\n".join(_with_cola_of_2027(row) for row in rows) + "\n")
    return RunRequest(census=census, levers=changed, overrides=("simulation.end_year=2027",))


def _with_cola_of_2027(row: str) -> str:
    cells = row.split(",")
    if cells[1] == "2027" and "cola_rate" in cells:
        cells[4] = "0.03"
    return ",".join(cells)

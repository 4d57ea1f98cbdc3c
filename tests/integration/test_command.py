"""The real command, from a scenario file to the summary and the published database."""

from pathlib import Path

import duckdb

from tests.conftest import planwise


def test_a_scenario_file_is_simulated_summarized_and_published_under_its_id(
    fresh_home: Path, small_census: Path, tmp_path: Path
) -> None:
    scenario = tmp_path / "standstill.yaml"
    scenario.write_text(
        "scenario_id: standstill\nsimulation: {target_growth_rate: 0.0}\n"
        "plan: {match: {true_up: false}}\n"
    )
    done = planwise(
        *(fresh_home, "run", "--scenario", str(scenario), "--years", "2025"),
        *("--census", str(small_census), "--seed", "7", "--plan-design", "stretch_match"),
    )
    assert done.returncode == 0, done.stderr
    assert f"Settings: {scenario}: its plan section is replaced" in done.stdout
    # 300 people, 12% leave, a quarter of the new hires too: 36 + 12 exits, 48 hires.
    walk = next(line for line in done.stdout.splitlines() if line.strip().startswith("2025 "))
    assert walk.split() == ["2025", "300", "48", "-36", "-12", "300"]
    shown = planwise(fresh_home, "db", "--scenario", "standstill")
    database = Path(shown.stdout.strip())
    assert str(database) in done.stdout
    with duckdb.connect(str(database), read_only=True) as connection:
        identity = connection.sql("SELECT scenario_id, random_seed FROM inputs.run").fetchall()
        quality = "SELECT COUNT(*) FROM mon_data_quality WHERE failing_rows = 0"
        [(invariants,)] = connection.sql(quality).fetchall()
    # The typed events are a check too, of the whole log.
    assert f"{invariants + 1} checks and " in done.stdout
    assert identity == [("standstill", 7)]
    listed = planwise(fresh_home, "runs")
    assert database.parent.name in listed.stdout
    assert planwise(fresh_home, "db").returncode == 1

"""Speed and memory of the event model, on a log made in SQL. Prints a table.

    python -m tests.performance.bench_events [--people 100000] [--directory /tmp/bench_events]

The log has the dbt contract's columns: per person and year a raise, twelve pay dates with deferral
and match, and a vesting step; per person an eligibility, an enrollment and, for one in eight, an
exit. It is kept in the directory and made once.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import psutil

from config.events import SimulationEvent
from orchestrator.event_history import person_events, person_state, workforce_state
from orchestrator.event_import import FILE_LINE, import_events
from orchestrator.event_validation import LOG_LINE, event_lines, validate_published_log
from tests.event_logs import PLAN_DESIGN, SCENARIO, create_log, person

YEARS = (2025, 2029)

EVENTS = """
  WITH people AS (
    SELECT 'E' || LPAD(CAST(i AS VARCHAR), 7, '0') AS employee_id, i FROM RANGE({people}) AS t(i)
  ),
  years AS (SELECT UNNEST(RANGE({first}, {last} + 1)) AS simulation_year),
  person_years AS (
    SELECT *, CAST(60000 + i % 1000 * 100 AS DECIMAL(18, 6)) AS pay
    FROM people CROSS JOIN years
    WHERE i % 8 > 0 OR simulation_year <= {first} + (i // 8) % 5
  ),
  events AS (
    SELECT
      employee_id, simulation_year, pay AS compensation_amount, 'cola' AS event_type,
      MAKE_DATE(simulation_year, 1, 1) AS effective_date, 1 AS event_sequence,
      CAST(NULL AS DECIMAL(18, 6)) AS amount, CAST(0 AS DECIMAL(9, 6)) AS rate,
      CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS reason,
      pay AS previous_compensation,
      TO_JSON({{
        'event_type': 'cola', 'level_id': 2, 'previous_compensation': CAST(pay AS VARCHAR),
        'new_compensation': CAST(pay AS VARCHAR), 'cola_rate': '0.000000'
      }}) AS event_payload
    FROM person_years
    UNION ALL
    SELECT
      employee_id, simulation_year, pay, 'eligibility', MAKE_DATE(simulation_year, 1, 1), 2, NULL,
      NULL, NULL, NULL, NULL,
      TO_JSON({{
        'event_type': 'eligibility', 'satisfied_date': MAKE_DATE(simulation_year, 1, 1),
        'plan_entry_date': MAKE_DATE(simulation_year, 1, 1), 'basis': 'service'
      }})
    FROM person_years WHERE simulation_year = {first}
    UNION ALL
    SELECT
      employee_id, simulation_year, pay, 'enrollment', MAKE_DATE(simulation_year, 1, 1), 3, NULL,
      0.06, NULL, NULL, NULL,
      TO_JSON({{
        'event_type': 'enrollment', 'method': 'auto', 'deferral_rate': '0.060000',
        'roth_share': '0.000000', 'opt_out_deadline': MAKE_DATE(simulation_year, 4, 1)
      }})
    FROM person_years WHERE simulation_year = {first}
    UNION ALL
    SELECT
      employee_id, simulation_year, pay / 12, 'contribution',
      LAST_DAY(MAKE_DATE(simulation_year, month, 1)),
      2 + 2 * month + IF(source = 'employer_match', 1, 0),
      CAST(pay * share / 12 AS DECIMAL(18, 2)), NULL, source, NULL, NULL,
      TO_JSON({{
        'event_type': 'contribution', 'source': source,
        'amount': CAST(CAST(CAST(pay * share / 12 AS DECIMAL(18, 2)) AS DECIMAL(18, 6)) AS VARCHAR),
        'pay_date': LAST_DAY(MAKE_DATE(simulation_year, month, 1)),
        'period_compensation': CAST(CAST(pay / 12 AS DECIMAL(18, 6)) AS VARCHAR),
        'year_to_date':
          CAST(CAST(month * CAST(pay * share / 12 AS DECIMAL(18, 2)) AS DECIMAL(18, 6)) AS VARCHAR)
      }})
    FROM person_years
    CROSS JOIN RANGE(1, 13) AS months(month)
    CROSS JOIN (VALUES ('employee_pre_tax', 0.06), ('employer_match', 0.03)) AS s(source, share)
    UNION ALL
    SELECT
      employee_id, simulation_year, pay, 'vesting', MAKE_DATE(simulation_year, 12, 31), 28, NULL,
      0.2 * (simulation_year - {first} + 1), 'employer_match', NULL, NULL,
      TO_JSON({{
        'event_type': 'vesting', 'source': 'employer_match',
        'service_years': simulation_year - {first} + 1,
        'previous_vested_share':
          CAST(CAST(0.2 * (simulation_year - {first}) AS DECIMAL(9, 6)) AS VARCHAR),
        'vested_share':
          CAST(CAST(0.2 * (simulation_year - {first} + 1) AS DECIMAL(9, 6)) AS VARCHAR)
      }})
    FROM person_years
    UNION ALL
    SELECT
      employee_id, simulation_year, pay, 'termination', MAKE_DATE(simulation_year, 12, 31), 29,
      NULL, NULL, NULL, 'voluntary', NULL,
      TO_JSON({{
        'event_type': 'termination', 'termination_type': 'experienced_termination',
        'reason': 'voluntary', 'annual_compensation': CAST(pay AS VARCHAR)
      }})
    FROM person_years WHERE i % 8 = 0 AND simulation_year = {first} + (i // 8) % 5
  ),
  numbered AS (
    SELECT * REPLACE (
      event_sequence - IF(simulation_year > {first} AND event_sequence > 3, 2, 0) AS event_sequence
    )
    FROM events
  )
  SELECT
    CAST(MD5(employee_id || simulation_year || '|' || event_sequence) AS UUID) AS event_id,
    '{scenario}' AS scenario_id,
    '{plan_design}' AS plan_design_id,
    *,
    CASE event_type
      WHEN 'termination' THEN 'experienced_termination'
      WHEN 'enrollment' THEN 'auto'
      ELSE event_type
    END AS event_category,
    'a sentence about the event' AS event_details,
    40 AS employee_age,
    5 AS employee_tenure,
    2 AS level_id,
    '40+' AS age_band,
    '2+' AS tenure_band,
    'valid' AS data_quality_flag,
    'plan_administration' AS source_system,
    NOW() AS created_at
  FROM numbered
"""


def make_log(path: Path, people: int) -> None:
    """A published database of so many people over five years, about 27 events a person-year."""
    create_log(path)
    with duckdb.connect(str(path)) as connection:
        for year in range(YEARS[0], YEARS[1] + 1):
            events = EVENTS.format(
                people=people,
                first=YEARS[0],
                last=YEARS[1],
                scenario=SCENARIO,
                plan_design=PLAN_DESIGN,
            )
            connection.execute(
                f"INSERT INTO fct_yearly_events BY NAME SELECT * FROM ({events}) "
                f"WHERE simulation_year = {year} ORDER BY employee_id, event_sequence"
            )
        add_people(connection, people)


def add_people(connection: duckdb.DuckDBPyConnection, people: int) -> None:
    """The same plain person, so many times."""
    for model in ("int_baseline_workforce", "stg_census_data"):
        facts = ", ".join(
            f"'{value}' AS {name}" for name, value in person(model).items() if name != "employee_id"
        )
        connection.execute(
            f"INSERT INTO {model} BY NAME SELECT {facts}, "
            f"'E' || LPAD(CAST(i AS VARCHAR), 7, '0') AS employee_id FROM RANGE({people}) AS t(i)"
        )


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall-clock time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Resources:
    """Peak memory (shared pages once) and CPU seconds of this process and its children."""

    def __enter__(self) -> "Resources":
        self.peak = 0
        self._times = psutil.Process().cpu_times()
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._sample)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()
        spent = zip(psutil.Process().cpu_times()[:4], self._times[:4], strict=True)
        self.cpu_seconds = sum(after - before for after, before in spent)

    def _sample(self) -> None:
        process = psutil.Process()
        while not self._done.wait(2):
            alive = [process, *process.children(recursive=True)]
            try:
                self.peak = max(self.peak, sum(each.memory_full_info().pss for each in alive))
            except psutil.NoSuchProcess:
                continue


def bench_validation(log: Path) -> None:
    with Resources() as used:
        report = validate_published_log(log)
    line("log validated", f"{report.rate:,.0f} events/s", ">= 200,000")
    alone = 2 * report.validated / used.cpu_seconds
    line("  by CPU time, two cores of one's own", f"{alone:,.0f} events/s", ">= 200,000")
    line("  events, failures", f"{report.validated:,}, {report.failures.total}", "0 failures")
    line("  peak memory, all processes", f"{used.peak / 2**20:,.0f} MB", "<= 1,024 MB")


def bench_import(log: Path, directory: Path, people: int, events: int) -> None:
    """Events of the log, as a file, into an empty log of the same people."""
    lines, empty = directory / "events.jsonl", directory / "empty.duckdb"
    empty.unlink(missing_ok=True)
    create_log(empty)
    with duckdb.connect(str(empty)) as connection:
        connection.execute(f"ATTACH '{log}' AS made (READ_ONLY)")
        add_people(connection, people)
        query = (
            f"SELECT {FILE_LINE} FROM (SELECT *, event_payload AS payload "
            f"FROM made.fct_yearly_events LIMIT {events})"
        )
        with lines.open("wb") as file:
            file.writelines(event_lines(connection, query))
        with Resources() as used:
            report = import_events(connection, lines)
    rate = report.events / report.seconds
    line("file imported, validation included", f"{rate:,.0f} events/s", "-")
    written = report.events / (report.seconds - report.validation_seconds)
    line("  staged, checked, written", f"{written:,.0f} events/s", ">= 200,000")
    line("  peak memory, all processes", f"{used.peak / 2**20:,.0f} MB", "-")


def bench_single(log: Path) -> None:
    with duckdb.connect(str(log), read_only=True) as connection:
        rows = connection.execute(
            f"SELECT {LOG_LINE} FROM fct_yearly_events USING SAMPLE 5000 ROWS"
        ).fetchall()
    seconds = [
        timed(lambda text=text: SimulationEvent.model_validate_json(text)) for (text,) in rows
    ]
    line("one event validated, median", f"{statistics.median(seconds) * 1e6:.1f} us", "<= 50 us")


def bench_history(log: Path, people: int) -> None:
    day = date(YEARS[1], 12, 31)
    with duckdb.connect(str(log), read_only=True) as connection:
        ids = [f"E{people * part // 20:07d}" for part in range(20)]
        seconds = [
            timed(
                lambda who=who: (
                    person_state(connection, who, day),
                    person_events(connection, who, day),
                )
            )
            for who in ids
        ]
        line("one person, median", f"{statistics.median(seconds) * 1e3:.0f} ms", "<= 50 ms")
        seconds = [timed(lambda: workforce_state(connection, day)) for _ in range(3)]
        line(f"{people:,} people, best of 3", f"{min(seconds):.1f} s", "<= 5 s")


def line(what: str, measured: str, target: str) -> None:
    print(f"{what:<40}{measured:>22}{target:>16}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--import-events", type=int, default=1_000_000)
    parser.add_argument("--directory", type=Path, default=Path("/tmp/bench_events"))
    arguments = parser.parse_args()
    arguments.directory.mkdir(exist_ok=True)
    log = arguments.directory / f"log_{arguments.people}.duckdb"
    if not log.exists():
        line("log made", f"{timed(lambda: make_log(log, arguments.people)):.0f} s", "-")
    line("", "measured", "target")
    bench_single(log)
    bench_history(log, arguments.people)
    bench_validation(log)
    bench_import(log, arguments.directory, arguments.people, arguments.import_events)


if __name__ == "__main__":
    main()

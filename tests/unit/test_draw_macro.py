"""The draw macro: values that hold in Python too, registered decisions only, no other chance."""

import hashlib
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from orchestrator.home import DBT_PROJECT

DRAW_MACRO = DBT_PROJECT / "macros" / "draw.sql"
SQL_FILES = [
    path
    for folder in ("macros", "models")
    for path in sorted((DBT_PROJECT / folder).rglob("*.sql"))
]
CHANCE_OR_CLOCK = re.compile(
    r"\b(RANDOM|SETSEED|HASH|UUID|UUIDV4|UUIDV7|GEN_RANDOM_UUID|NOW|TODAY|CURRENT_DATE"
    r"|CURRENT_TIME|CURRENT_TIMESTAMP|GET_CURRENT_TIMESTAMP|TRANSACTION_TIMESTAMP|LOCALTIMESTAMP"
    r"|TABLESAMPLE|USING\s+SAMPLE|MD5|SHA1|SHA256|RUN_STARTED_AT|INVOCATION_ID)\b",
    re.IGNORECASE,
)
ALLOWED = {
    ("draw.sql", "(CAST('0x' || SUBSTR(MD5({{ key }} || '|{{ decision }}'), 1, 13) AS BIGINT)"),
    ("fct_yearly_events.sql", "CAST(UNHEX(MD5(person_key || CAST(event_sequence AS VARCHAR))) AS"),
    ("fct_yearly_events.sql", "NOW() AS created_at"),
    ("fct_workforce_snapshot.sql", "NOW() AS snapshot_created_at"),
    ("year.sql", "{%- set answer = 'simulation span of ' ~ invocation_id -%}"),
    ("year.sql", "{%- set answer = 'the year can run in ' ~ invocation_id -%}"),
}
"""The draw itself, the derived event_id, the wall clocks that digests leave out, and the names
under which dbt keeps an answer for one invocation, which reach no SQL."""

PROJECT = """
name: draws
profile: draws
config-version: 2
flags: {send_anonymous_usage_stats: false}
"""
PROFILE = """
draws: {target: memory, outputs: {memory: {type: duckdb, path: ":memory:", threads: 1}}}
"""


@pytest.mark.parametrize(
    ("seed", "year", "entity", "decision", "value"),
    [
        (42, 2025, "E001", "exit", 0.481321206072846),
        (7, 2063, "NH_2063_000001", "hire_pay", 0.6848674964366208),
        (42, 2025, "Ærø 'ø", "promotion", 0.5918672496447404),
    ],
)
def test_draw_is_the_python_formula(
    seed: int, year: int, entity: str, decision: str, value: float, tmp_path: Path
) -> None:
    quoted = entity.replace("'", "''")
    model = f"""SELECT {{{{ draw('{decision}', draw_key('{seed}', "'{quoted}'")) }}}} AS uniform"""
    select = _compiled(tmp_path, model, year)
    digits = hashlib.md5(f"{seed}|{year}|{entity}|{decision}".encode()).hexdigest()[:13]
    assert int(digits, 16) / 2**52 == value
    assert duckdb.sql(select).fetchall() == [(value,)]


def test_unregistered_decision_does_not_compile(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"draw\('coin'\) is not registered"):
        _compiled(tmp_path, "SELECT {{ draw('coin', '1') }} AS uniform", 2025)


def test_decision_registered_twice_does_not_compile(tmp_path: Path) -> None:
    macro = DRAW_MACRO.read_text().replace("'exit_day',", "'exit_day', 'exit_day',", 1)
    with pytest.raises(ValueError, match="names a decision twice"):
        _compiled(tmp_path, "SELECT {{ draw('exit', '1') }} AS uniform", 2025, macro)


def test_every_registered_decision_is_drawn_in_one_place() -> None:
    text = "\n".join(path.read_text() for path in SQL_FILES if path != DRAW_MACRO)
    registry = DRAW_MACRO.read_text().split("{% endmacro %}")[0]
    decisions = re.findall(r"'(\w+)'", registry.split("return(")[1])
    assert len(decisions) > 20
    uses = {
        decision: len(re.findall(rf"draw\('{decision}'|weighted_exits\([^)]*'{decision}'\)", text))
        for decision in decisions
    }
    assert {decision: count for decision, count in uses.items() if count != 1} == {}


def test_no_sql_has_another_source_of_chance_or_time() -> None:
    found = [
        (path.name, line.strip())
        for path in SQL_FILES
        for line in _without_comments(path).splitlines()
        if CHANCE_OR_CLOCK.search(line)
    ]
    unexpected = [
        (name, line)
        for name, line in found
        if not any(name == file and line.startswith(text) for file, text in ALLOWED)
    ]
    assert unexpected == []
    assert len(found) == len(ALLOWED)


def test_no_sql_reads_another_variable_than_the_year() -> None:
    read = {
        argument
        for path in SQL_FILES
        for argument in re.findall(r"\bvar\(([^)]*)\)", _without_comments(path))
    }
    assert read == {"'simulation_year'"}


def _without_comments(path: Path) -> str:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    return re.sub(r"--[^\n]*", "", text)


def _compiled(directory: Path, model: str, year: int, macro: str | None = None) -> str:
    """SQL of `model` in a project of its own that has nothing but the draw macro."""
    (directory / "macros").mkdir()
    (directory / "models").mkdir()
    (directory / "dbt_project.yml").write_text(PROJECT)
    (directory / "profiles.yml").write_text(PROFILE)
    (directory / "models" / "drawn.sql").write_text(model)
    if macro is None:
        shutil.copy(DRAW_MACRO, directory / "macros")
    else:
        (directory / "macros" / "draw.sql").write_text(macro)
    outcome = dbtRunner().invoke(
        [
            *("compile", "--project-dir", str(directory), "--profiles-dir", str(directory)),
            *("--target-path", str(directory / "target"), "--log-path", str(directory / "logs")),
            *("--vars", f"{{simulation_year: {year}}}", "--log-level", "none"),
        ]
    )
    if not outcome.success:
        raise ValueError(str(outcome.exception))
    [result] = outcome.result.results
    return result.node.compiled_code

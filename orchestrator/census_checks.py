"""The census rules as SQL: the staging table of text in, typed rows and broken rules out.

Every contract column gets a typed value and, when its cell is bad, the key of the first rule it
breaks (`config.census.REASONS`). A rule that compares two days is judged only when the other day is
itself sound, so one wrong cell is reported once.
"""

from collections.abc import Sequence
from datetime import date

import duckdb

from config.census import (
    CENSUS_COLUMNS,
    MAXIMUM_AGE,
    MAXIMUM_IDENTIFIER_LENGTH,
    MINIMUM_AGE,
    REASONS,
    RESERVED_PREFIX,
    SSN_MASK,
    CensusColumn,
)
from orchestrator.census_source import SSN_COLUMN, SSN_RULE_COLUMN, StagedCensus
from orchestrator.dbt_macros import completed_years

# Spreadsheets and web pages leave any of Unicode's blanks (category Zs) behind a value.
BLANKS = "\t\r\n \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)"

Rule = tuple[str, str]
"""(key of REASONS, SQL condition under which the rule is broken)"""


def check_rows(
    connection: duckdb.DuckDBPyConnection,
    staging: str,
    staged: StagedCensus,
    as_of: date,
    levels: Sequence[int] | None,
    checked: str,
) -> None:
    """Create temporary table `checked` with, per contract column c, `text_c`, `c` (typed) and
    `rule_c` (NULL when sound), the rows that share a key in `first_row`, `shared_by`, and
    `sound` (the whole row is accepted). `levels` None leaves level ids unchecked."""
    given = [column for column in CENSUS_COLUMNS if column.name in staged.columns]
    texts = ", ".join(f"{_text(column)} AS text_{column.name}" for column in given)
    values = ", ".join(f"{_value(column)} AS value_{column.name}" for column in given)
    own = ", ".join(
        f"{_first_broken(_own_rules(column, as_of, levels))} AS own_{column.name}"
        for column in given
    )
    compared = _compared_with_hire([column.name for column in given])
    shared = _shared_keys([column.name for column in given])
    final = [_final_rule(column, compared, shared) for column in given]
    typed = [
        f"TRY_CAST(value_{c.name} AS {c.sql_type}) AS {c.name}"
        if c in given
        else f"NULL::{c.sql_type} AS {c.name}"
        for c in CENSUS_COLUMNS
    ]
    carried = f", {SSN_RULE_COLUMN}" if SSN_COLUMN in staged.columns else ""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {checked} AS
        WITH texts AS (SELECT row_number, {texts}{carried} FROM {staging}),
        valued AS (SELECT *, {values} FROM texts),
        judged AS (SELECT *, {own} FROM valued),
        hired AS (SELECT *, {_hire_rule(as_of)} AS rule_hire FROM judged),
        {", ".join(name + " AS (" + sql + ")" for name, sql in _duplicates(shared))}
        SELECT
          hired.row_number,
          {", ".join(f"text_{column.name}" for column in given)},
          {", ".join(typed)},
          {", ".join(final)},
          {", ".join(_sharing(name, name in shared) for name in ("employee_id", SSN_COLUMN))},
          COALESCE({", ".join(f"rule_{column.name}" for column in given)}) IS NULL AS sound
        FROM hired
        {" ".join(_duplicates_join(name) for name in shared)}
    """)


def collect_rejects(
    connection: duckdb.DuckDBPyConnection,
    checked: str,
    staged: StagedCensus,
    as_of: date,
    levels: Sequence[int] | None,
    rejects: str,
) -> None:
    """Create temporary table `rejects`: row_number, column_name, value, reason, rule (the reason
    without the particulars of the row), in the order of rows. Values that may be social security
    numbers are masked."""
    texts = {
        key: text.format(as_of=as_of, levels=", ".join(map(str, levels or ())))
        for key, text in REASONS.items()
    }
    connection.execute("CREATE OR REPLACE TEMP TABLE census_reasons (rule VARCHAR, text VARCHAR)")
    connection.executemany("INSERT INTO census_reasons VALUES (?, ?)", list(texts.items()))
    connection.execute("CREATE OR REPLACE TEMP TABLE census_ragged (row_number BIGINT, n INTEGER)")
    if staged.ragged:
        connection.executemany("INSERT INTO census_ragged VALUES (?, ?)", list(staged.ragged))
    cells = " UNION ALL ".join(
        f"""SELECT row_number, '{column.name}' AS column_name, {number} AS position,
              {_shown_value(column, staged)} AS value, rule_{column.name} AS rule,
              {_particulars(column)} AS particulars
            FROM {checked} WHERE rule_{column.name} IS NOT NULL"""
        for number, column in enumerate(CENSUS_COLUMNS)
        if column.name in staged.columns
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {rejects} AS
        WITH cells AS (
          {cells}
          UNION ALL
          SELECT row_number, '(row)', -1, n || ' fields', 'wrong_field_count',
            ' ({staged.width})'
          FROM census_ragged
        )
        SELECT row_number, column_name, value, text || COALESCE(particulars, '') AS reason,
          text AS rule
        FROM cells JOIN census_reasons USING (rule)
        ORDER BY row_number, position
    """)


def _text(column: CensusColumn) -> str:
    return f"NULLIF(TRIM({column.name}, '{BLANKS}'), '')"


def _value(column: CensusColumn) -> str:
    text = f"text_{column.name}"
    match column.kind:
        case "identifier" | "text" | "ssn":
            return text
        case "day":
            return (
                f"CASE WHEN regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}')"
                f" THEN TRY_CAST({text} AS DATE) END"
            )
        case "money" | "hours" | "share":
            return (
                f"CASE WHEN regexp_full_match({text}, '{NUMBER}')"
                f" THEN TRY_CAST({text} AS DECIMAL(18,6)) END"
            )
        case "level":
            return (
                f"CASE WHEN regexp_full_match({text}, '\\d{{1,9}}(\\.0+)?')"
                f" THEN TRY_CAST(split_part({text}, '.', 1) AS INTEGER) END"
            )
        case "flag":
            return (
                f"CASE WHEN lower({text}) IN ('true', 'yes', '1') THEN TRUE"
                f" WHEN lower({text}) IN ('false', 'no', '0') THEN FALSE END"
            )


def _own_rules(column: CensusColumn, as_of: date, levels: Sequence[int] | None) -> list[Rule]:
    """Rules that look at one cell."""
    text, value = f"text_{column.name}", f"value_{column.name}"
    rules: list[Rule] = []
    if column.required:
        rules.append(("missing", f"{text} IS NULL"))
    match column.kind:
        case "identifier":
            rules += _identifier_rules(text)
        case "text":
            rules.append(("looks_like_ssn", f"contains({text}, '{SSN_MASK}')"))
        case "ssn":
            rules += [
                (rule, f"{SSN_RULE_COLUMN} = '{rule}'")
                for rule in ("ssn_format", "ssn_never_issued")
            ]
        case "day":
            rules += _day_rules(text, value)
        case "money" | "hours" | "share":
            rules += _number_rules(column, text, value)
        case "level":
            rules.append(("level_unreadable", f"{text} IS NOT NULL AND {value} IS NULL"))
            if levels is not None:
                known = ", ".join(str(int(level)) for level in levels)
                rules.append(("level_unknown", f"{value} NOT IN ({known})"))
        case "flag":
            rules.append(("flag_unreadable", f"{text} IS NOT NULL AND {value} IS NULL"))
    if column.name == "employee_birth_date":
        rules += _age_rules(value, as_of)
    return rules


def _identifier_rules(text: str) -> list[Rule]:
    return [
        ("looks_like_ssn", f"contains({text}, '{SSN_MASK}')"),
        ("identifier_too_long", f"length({text}) > {MAXIMUM_IDENTIFIER_LENGTH}"),
        ("identifier_unprintable", f"regexp_matches({text}, '\\p{{C}}|\\p{{Zl}}|\\p{{Zp}}')"),
        ("identifier_reserved", f"starts_with({text}, '{RESERVED_PREFIX}')"),
        ("identifier_scientific", f"regexp_full_match({text}, '\\d(\\.\\d+)?E\\+\\d+')"),
    ]


def _day_rules(text: str, value: str) -> list[Rule]:
    unread = f"{text} IS NOT NULL AND {value} IS NULL"
    shapes = {
        "day_slashes": r"\d{1,4}/\d{1,2}/\d{1,4}.*",
        "day_serial": r"\d{5}(\.0+)?",
        "day_with_time": r"\d{4}-\d{2}-\d{2}[ T].+",
        "day_not_in_calendar": r"\d{4}-\d{2}-\d{2}",
        "day_unreadable": r"(?s).*",
    }
    return [
        (rule, f"{unread} AND regexp_full_match({text}, '{shape}')")
        for rule, shape in shapes.items()
    ]


def _age_rules(birth: str, as_of: date) -> list[Rule]:
    age = completed_years(birth, f"DATE '{as_of}'")
    return [
        ("birth_in_future", f"{birth} > DATE '{as_of}'"),
        ("age_too_low", f"{age} < {MINIMUM_AGE}"),
        ("age_too_high", f"{age} > {MAXIMUM_AGE}"),
    ]


def _number_rules(column: CensusColumn, text: str, value: str) -> list[Rule]:
    unread = f"{text} IS NOT NULL AND {value} IS NULL"
    rules = [
        ("number_too_large", f"{unread} AND regexp_full_match({text}, '{NUMBER}')"),
        ("number_percent", f"{unread} AND suffix({text}, '%')"),
        ("number_formatted", f"{unread} AND regexp_matches({text}, '[$€£,]')"),
        (
            "number_not_finite",
            f"{unread} AND regexp_full_match(lower({text}),"
            " '[+-]?(nan|inf|infinity|n/?a|#n/a|null|none)')",
        ),
        ("number_scientific", f"{unread} AND regexp_full_match({text}, '{NUMBER}[eE][+-]?\\d+')"),
        ("number_unreadable", unread),
    ]
    # The typed value is rounded to six decimals; finer ones are refused from the text.
    rules.append(("number_too_precise", f"regexp_matches({text}, '\\.\\d{{6}}\\d*[1-9]')"))
    if column.positive_reason:
        rules.append((column.positive_reason, f"{value} <= 0"))
    if column.minimum is not None:
        rules.append((column.minimum_reason, f"{value} < {column.minimum}"))
    if column.maximum is not None:
        rules.append((column.maximum_reason, f"{value} > {column.maximum}"))
    return rules


def _first_broken(rules: Sequence[Rule]) -> str:
    if not rules:
        return "NULL::VARCHAR"
    return "CASE " + " ".join(f"WHEN {when} THEN '{rule}'" for rule, when in rules) + " END"


def _hire_rule(as_of: date) -> str:
    birth = "CASE WHEN own_employee_birth_date IS NULL THEN value_employee_birth_date END"
    hire = "value_employee_hire_date"
    rules = [
        ("hire_after_census", f"{hire} > DATE '{as_of}'"),
        ("hire_before_birth", f"{hire} < {birth}"),
        ("hire_too_young", f"{completed_years(birth, hire)} < {MINIMUM_AGE}"),
    ]
    return f"COALESCE(own_employee_hire_date, {_first_broken(rules)})"


def _compared_with_hire(names: Sequence[str]) -> dict[str, str]:
    hire = "CASE WHEN rule_hire IS NULL THEN value_employee_hire_date END"
    rules = {
        "employee_termination_date": "termination_before_hire",
        "plan_entry_date": "entry_before_hire",
    }
    return {
        name: f"CASE WHEN value_{name} < {hire} THEN '{rule}' END"
        for name, rule in rules.items()
        if name in names
    }


def _shared_keys(names: Sequence[str]) -> dict[str, str]:
    rules = {"employee_id": "identifier_duplicate", SSN_COLUMN: "ssn_duplicate"}
    return {name: rule for name, rule in rules.items() if name in names}


def _duplicates(shared: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (
            f"shared_{name}",
            f"SELECT text_{name} AS key, MIN(row_number) AS first_row, COUNT(*) AS n"
            f" FROM texts WHERE text_{name} IS NOT NULL GROUP BY key HAVING COUNT(*) > 1",
        )
        for name in shared
    ]


def _duplicates_join(name: str) -> str:
    return f"LEFT JOIN shared_{name} ON shared_{name}.key = hired.text_{name}"


def _sharing(name: str, given: bool) -> str:
    if not given:
        return f"NULL::BIGINT AS first_row_{name}, NULL::BIGINT AS rows_{name}"
    return f"shared_{name}.first_row AS first_row_{name}, shared_{name}.n AS rows_{name}"


def _final_rule(column: CensusColumn, compared: dict[str, str], shared: dict[str, str]) -> str:
    rule = f"own_{column.name}"
    if column.name == "employee_hire_date":
        rule = "rule_hire"
    elif column.name in compared:
        rule = f"COALESCE({rule}, {compared[column.name]})"
    elif column.name in shared:
        repeated = f"CASE WHEN shared_{column.name}.n > 1 THEN '{shared[column.name]}' END"
        rule = f"COALESCE({rule}, {repeated})"
    return f"{rule} AS rule_{column.name}"


def _shown_value(column: CensusColumn, staged: StagedCensus) -> str:
    if column.kind == "ssn":
        return f"'{SSN_MASK}'"
    if SSN_COLUMN in staged.columns and column.kind != "identifier":
        # A shifted row can hold the number under any column's name, bare or like a decimal.
        number = r"(^|[^\d.])\d{3}\.?\d{2}\.?\d{4}(\D|$)"
        return (
            f"CASE WHEN regexp_matches(text_{column.name}, '{number}') THEN '{SSN_MASK}'"
            f" ELSE text_{column.name} END"
        )
    return f"text_{column.name}"


def _particulars(column: CensusColumn) -> str:
    """What of the row belongs in the reason: where the first twin is, what was probably meant."""
    if column.kind in ("identifier", "ssn"):
        return (
            f"CASE WHEN rule_{column.name} IN ('identifier_duplicate', 'ssn_duplicate') THEN"
            f" ': ' || rows_{column.name} || ' rows, the first is row '"
            f" || first_row_{column.name} END"
        )
    if column.kind == "share":
        return (
            f"CASE WHEN rule_{column.name} = 'share_above_one' AND {column.name} <= 100 THEN"
            f" '; if ' || text_{column.name} || '% is meant, write '"
            f" || rtrim(rtrim(({column.name} / 100)::DECIMAL(18,6)::VARCHAR, '0'), '.') END"
        )
    return "NULL"

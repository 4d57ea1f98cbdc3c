"""Rules that no single event can show: asked of a whole log in SQL.

`events` is any relation with the columns of `fct_yearly_events` (and an integer `place`, 0 when
it has no meaning); `people` is everybody of the census: former employees have accounts, too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import duckdb

from config.events import event_types, payload_columns
from orchestrator.event_batches import EXAMPLES_PER_RULE, Failure, Failures

COLUMN_TYPES = {
    "event_type": "VARCHAR",
    "event_category": "VARCHAR",
    "reason": "VARCHAR",
    "source": "VARCHAR",
    "level_id": "BIGINT",
    "rate": "DECIMAL(18,6)",
    "amount": "DECIMAL(18,6)",
    "compensation_amount": "DECIMAL(18,6)",
    "previous_compensation": "DECIMAL(18,6)",
}

# What may still be posted for a person who has left. Of our own logs the calendar check lets only
# payouts pass; an imported one may hold rehires, and what other systems post late.
MAY_FOLLOW_TERMINATION = """(
  event_type IN ('hire', 'vesting', 'distribution', 'forfeiture', 'compliance')
  OR (event_type = 'contribution' AND source NOT LIKE 'employee_%')
)"""


# Of a row of the census. Such an exit is in no log; one that a census announces for later is.
LEFT_BEFORE = "employee_termination_date < (SELECT MAKE_DATE(start_year, 1, 1) FROM inputs.run)"


def log_rules(events: str, people: str) -> list[str]:
    """All rules of a log; `events` and `people` are table names or parenthesized queries."""
    return [
        _contradicted_columns(events),
        _money_out_of_place(events),
        *of_another_run(events),
        repeated_ids(events),
        _sequence_broken(events),
        _out_of_order(events),
        *life_rules(events, people),
    ]


def life_rules(events: str, people: str) -> list[str]:
    """The rules that look at all events of a person together."""
    return [_after_termination(events, people), _before_employment(events, people)]


def broken_rules(connection: duckdb.DuckDBPyConnection, rules: Iterable[str]) -> Failures:
    """Ask the rules; a rule is a query of the events that break it."""
    failures = Failures()
    for rule in rules:
        rows = connection.execute(
            f"""
            SELECT
              event_type, rule, COUNT(*),
              MIN_BY(
                {{'message': message, 'field': field, 'value': value, 'event_id': event_id,
                  'employee_id': employee_id, 'place': place}},
                (place, event_id, field), {EXAMPLES_PER_RULE}
              )
            FROM ({rule})
            GROUP BY event_type, rule
            ORDER BY event_type, rule
            """
        ).fetchall()
        for event_type, name, count, examples in rows:
            kind = [Failure(rule=name, event_type=event_type, **example) for example in examples]
            failures.merge(Failures(Counter({(event_type, name): count}), kind))
    return failures


def _contradicted_columns(events: str) -> str:
    """Typed columns repeat facts of the payload; readers use either, so both must agree."""
    of_type = {f"event_type = '{each}'": payload_columns(each) for each in event_types()}
    of_no_type = {f"event_type NOT IN {event_types()}": {}}
    return " UNION ALL ".join(
        _contradictions(
            f"(SELECT * FROM {events} WHERE {which})", {"event_type": "event_type", **columns}
        )
        for which, columns in (of_type | of_no_type).items()
    )


def _contradictions(events: str, columns: Mapping[str, str]) -> str:
    structure = ", ".join(f'"{field}": "{COLUMN_TYPES[name]}"' for name, field in columns.items())
    stated = ", ".join(f"'{field}': {column}" for column, field in columns.items())
    differences = ", ".join(
        f"""IF({_contradicts(column, f"payload.{field}")}, {{
          'field': '{column}',
          'value': CAST({column} AS VARCHAR),
          'stated': CAST(payload.{field} AS VARCHAR)
        }}, NULL)"""
        for column, field in columns.items()
    )
    return f"""
        SELECT
          event_type,
          'column_contradicts_payload' AS rule,
          'the payload says ' || COALESCE(difference.stated, 'nothing') AS message,
          difference.field AS field,
          COALESCE(difference.value, 'NULL') AS value,
          CAST(event_id AS VARCHAR) AS event_id,
          employee_id,
          place
        FROM (
          SELECT *, UNNEST(LIST_FILTER([{differences}], lambda x: x IS NOT NULL)) AS difference
          FROM (SELECT *, FROM_JSON(event_payload, '{{{structure}}}') AS payload FROM {events})
          WHERE payload IS DISTINCT FROM {{{stated}}}
        )
    """


def _contradicts(column: str, stated: str) -> str:
    different = f"{column} IS DISTINCT FROM {stated}"
    if column != "rate":
        return different
    # The payload of an election states in four decimals what the column has in six.
    return f"{different} AND CAST({column} AS DECIMAL(18, 4)) IS DISTINCT FROM {stated}"


def _money_out_of_place(events: str) -> str:
    """Sums over `amount` count every row, so only events that move money may have one."""
    moving = ", ".join(
        f"'{event_type}'" for event_type in event_types() if "amount" in payload_columns(event_type)
    )
    return f"""
        SELECT
          event_type,
          'amount_without_movement' AS rule,
          'this event moves no money' AS message,
          'amount' AS field,
          CAST(amount AS VARCHAR) AS value,
          CAST(event_id AS VARCHAR) AS event_id,
          employee_id,
          place
        FROM {events}
        WHERE amount IS NOT NULL
          AND event_type NOT IN ({moving})
    """


def repeated_keys(events: str) -> str:
    """Readers of JSON disagree on which of two equal keys counts. Keys repeat by the million, so
    each distinct list is looked at once: DuckDB filters group keys row by row, but not ANY_VALUE.
    """
    return f"""
        SELECT
          events.event_type,
          'repeated_key' AS rule,
          'a key is there more than once in the payload of ' || lists.uses || ' events' AS message,
          'payload' AS field,
          CAST(lists.keys AS VARCHAR) AS value,
          CAST(events.event_id AS VARCHAR) AS event_id,
          events.employee_id,
          events.place
        FROM (
          SELECT keys, COUNT(*) AS uses, MIN(place) AS place
          FROM (SELECT place, JSON_KEYS(event_payload) AS keys FROM {events})
          GROUP BY keys
          HAVING LEN(ANY_VALUE(keys)) > LEN(LIST_DISTINCT(ANY_VALUE(keys)))
        ) AS lists
        INNER JOIN {events} AS events
          ON lists.place = events.place
    """


def repeated_ids(events: str) -> str:
    """An id names one event."""
    return f"""
        SELECT
          ANY_VALUE(event_type) AS event_type,
          'repeated_event_id' AS rule,
          'an event_id names one event, this one is there ' || COUNT(*) || ' times' AS message,
          'event_id' AS field,
          CAST(event_id AS VARCHAR) AS value,
          CAST(event_id AS VARCHAR) AS event_id,
          MIN(employee_id) AS employee_id,
          MAX(place) AS place
        FROM {events} AS events
        GROUP BY events.event_id
        HAVING COUNT(*) > 1
    """


def of_another_run(events: str) -> list[str]:
    """A log holds one scenario, one plan design, and the years of its run."""
    names = ("scenario_id", "plan_design_id")
    return [
        *(
            _outside_run(events, name, f"run.{name}", f"events.{name} = run.{name}")
            for name in names
        ),
        _outside_run(
            events,
            "simulation_year",
            "run.start_year || ' to ' || run.end_year",
            "events.simulation_year BETWEEN run.start_year AND run.end_year",
        ),
    ]


def _outside_run(events: str, field: str, expected: str, agrees: str) -> str:
    return f"""
        SELECT
          events.event_type,
          'event_of_another_run' AS rule,
          'the log is of ' || {expected} AS message,
          '{field}' AS field,
          CAST(events.{field} AS VARCHAR) AS value,
          CAST(events.event_id AS VARCHAR) AS event_id,
          events.employee_id,
          events.place
        FROM {events} AS events
        INNER JOIN inputs.run AS run
          ON NOT {agrees}
    """


def _sequence_broken(events: str) -> str:
    """The events of a person-year are numbered from 1: a gap is an event that was taken away, an
    equal number one that was added. Only person-years whose numbers do not add up are sorted."""
    return f"""
        SELECT
          event_type,
          'sequence_broken' AS rule,
          'the event before it in ' || simulation_year || ' has number ' || before AS message,
          'event_sequence' AS field,
          CAST(event_sequence AS VARCHAR) AS value,
          CAST(event_id AS VARCHAR) AS event_id,
          employee_id,
          place
        FROM (
          SELECT
            *,
            LAG(event_sequence, 1, 0) OVER (
              PARTITION BY employee_id, simulation_year ORDER BY event_sequence, event_id
            ) AS before
          FROM {events}
          SEMI JOIN (
            SELECT employee_id, simulation_year
            FROM {events}
            GROUP BY employee_id, simulation_year
            HAVING MIN(event_sequence) <> 1
              OR MAX(event_sequence) <> COUNT(*)
              OR SUM(event_sequence) <> COUNT(*) * (COUNT(*) + 1) // 2
          ) AS broken USING (employee_id, simulation_year)
        )
        WHERE event_sequence <> before + 1
    """


def _out_of_order(events: str) -> str:
    """A run numbers the events of a person-year by their days, and writes them in that order: the
    window reads the log as it is stored, which costs no sort. Imported events come last."""
    return f"""
        SELECT
          event_type,
          'day_out_of_order' AS rule,
          'the event before it is of ' || day_before AS message,
          'effective_date' AS field,
          CAST(effective_date AS VARCHAR) AS value,
          CAST(event_id AS VARCHAR) AS event_id,
          employee_id,
          place
        FROM (
          SELECT
            *,
            LAG(employee_id) OVER () AS person_before,
            LAG(simulation_year) OVER () AS year_before,
            LAG(effective_date) OVER () AS day_before
          FROM {events}
          WHERE data_quality_flag IS DISTINCT FROM 'imported'
        )
        WHERE employee_id = person_before
          AND simulation_year = year_before
          AND effective_date < day_before
    """


def _after_termination(events: str, people: str) -> str:
    """A later hire opens a new spell of employment."""
    return f"""
        SELECT
          events.event_type,
          'event_after_termination' AS rule,
          'the person left on ' || exits.effective_date AS message,
          'effective_date' AS field,
          CAST(events.effective_date AS VARCHAR) AS value,
          CAST(events.event_id AS VARCHAR) AS event_id,
          events.employee_id,
          events.place
        FROM (SELECT * FROM {events} WHERE NOT {MAY_FOLLOW_TERMINATION}) AS events
        INNER JOIN (
          SELECT employee_id, effective_date FROM {events} WHERE event_type = 'termination'
          UNION ALL
          SELECT employee_id, employee_termination_date AS effective_date
          FROM {people}
          WHERE {LEFT_BEFORE}
        ) AS exits
          ON events.employee_id = exits.employee_id
            AND events.effective_date > exits.effective_date
        ANTI JOIN (SELECT * FROM {events} WHERE event_type = 'hire') AS rehires
          ON events.employee_id = rehires.employee_id
            AND rehires.effective_date > exits.effective_date
            AND rehires.effective_date <= events.effective_date
    """


def _before_employment(events: str, people: str) -> str:
    return f"""
        SELECT
          events.event_type,
          'event_before_employment' AS rule,
          COALESCE('the person is hired on ' || starts.first_day, 'nobody knows this person')
            AS message,
          'effective_date' AS field,
          CAST(events.effective_date AS VARCHAR) AS value,
          CAST(events.event_id AS VARCHAR) AS event_id,
          events.employee_id,
          events.place
        FROM {events} AS events
        LEFT JOIN (
          SELECT employee_id, MIN(first_day) AS first_day
          FROM (
            SELECT employee_id, employee_hire_date AS first_day FROM {people}
            UNION ALL
            SELECT employee_id, effective_date AS first_day FROM {events} WHERE event_type = 'hire'
          )
          GROUP BY employee_id
        ) AS starts
          ON events.employee_id = starts.employee_id
        WHERE events.effective_date >= starts.first_day IS NOT TRUE
    """

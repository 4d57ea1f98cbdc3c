"""Every payload at its edges: the smallest and largest legal value, and one step beyond."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from config.events import SimulationEvent, event_types, payload_fields, payload_models

LEGAL: dict[str, dict[str, Any]] = {
    "hire": {
        "employee_birth_date": "1990-05-17",
        "level_id": 1,
        "annual_compensation": "52000.00",
        "scheduled_hours_per_week": "40",
    },
    "termination": {
        "termination_type": "experienced_termination",
        "reason": "voluntary",
        "annual_compensation": "52000.00",
    },
    "promotion": {
        "previous_level": 1,
        "new_level": 2,
        "previous_compensation": "50000",
        "new_compensation": "56000",
        "raise_rate": "0.12",
    },
    "merit": {
        "level_id": 1,
        "previous_compensation": "50000",
        "new_compensation": "51750",
        "merit_rate": "0.035",
    },
    "cola": {
        "level_id": 1,
        "previous_compensation": "50000",
        "new_compensation": "51250",
        "cola_rate": "0.025",
    },
    "eligibility": {
        "satisfied_date": "2025-06-15",
        "plan_entry_date": "2025-07-01",
        "basis": "service",
    },
    "enrollment": {
        "method": "auto",
        "deferral_rate": "0.06",
        "roth_share": "0",
        "opt_out_deadline": "2025-09-13",
    },
    "deferral_change": {
        "change": "election",
        "previous_rate": "0.06",
        "new_rate": "0.1",
        "roth_share": "0.5",
    },
    "escalation": {"previous_rate": "0.06", "new_rate": "0.07", "cap": "0.1"},
    "contribution": {
        "source": "employee_pre_tax",
        "amount": "250.00",
        "pay_date": "2025-06-15",
        "period_compensation": "4166.67",
        "year_to_date": "1500.00",
    },
    "vesting": {
        "source": "employer_match",
        "service_years": 2,
        "previous_vested_share": "0",
        "vested_share": "0.2",
    },
    "distribution": {"source": "employer_match", "amount": "10.00", "reason": "cash_out"},
    "forfeiture": {
        "source": "employer_match",
        "amount": "800.00",
        "reason": "unvested_termination",
        "account_balance": "1000.00",
        "vested_share": "0.2",
    },
    "hce_status": {
        "is_hce": True,
        "determination_method": "prior_year",
        "lookback_compensation": "160000.01",
        "threshold": "160000",
        "ownership_share": "0",
        "in_top_paid_group": None,
    },
    "compliance": {
        "compliance_type": "402g_limit_reached",
        "limit_type": "elective_deferral",
        "applicable_limit": "23500",
        "current_amount": "23500",
    },
}

HIGHEST_MONEY = "999999999999.999999"

# Field, and its legal edges.
EDGES = [
    ("hire", "level_id", [1, 2_147_483_647]),
    ("hire", "annual_compensation", ["0.000001", HIGHEST_MONEY]),
    ("hire", "scheduled_hours_per_week", ["0.01", "168", "37.50"]),
    ("hire", "employee_birth_date", ["1900-01-01", "2025-06-14"]),
    ("termination", "annual_compensation", ["0.000001", HIGHEST_MONEY]),
    ("promotion", "new_level", [2, 9]),
    ("promotion", "raise_rate", ["-0.999999", "1", "0.000001"]),
    ("promotion", "new_compensation", ["0.000001", HIGHEST_MONEY]),
    ("merit", "merit_rate", ["-0.999999", "0", "1", "0.025000"]),
    # 50,000 x 1.025 = 51,250; half a cent either way still rounds to it.
    ("cola", "new_compensation", ["51249.995", "51250.005"]),
    ("eligibility", "plan_entry_date", ["2025-06-15", "2026-01-01"]),
    ("enrollment", "deferral_rate", ["0", "0.0001", "1", "0.060000"]),
    ("enrollment", "roth_share", ["0", "1"]),
    ("enrollment", "opt_out_deadline", [None, "2025-06-15"]),
    ("deferral_change", "new_rate", ["0", "1"]),
    ("escalation", "new_rate", ["0.0601", "0.1"]),
    ("contribution", "amount", ["0.000001", "0.01", "1500.00"]),
    ("contribution", "period_compensation", ["0", HIGHEST_MONEY]),
    ("contribution", "year_to_date", ["250", HIGHEST_MONEY]),
    ("vesting", "service_years", [0, 100]),
    ("vesting", "vested_share", ["0", "1"]),
    ("distribution", "amount", ["0.000001", HIGHEST_MONEY]),
    # 1,000 x 0.8 = 800, to the cent.
    ("forfeiture", "amount", ["799.995", "800.005"]),
    ("hce_status", "lookback_compensation", ["160000.000001", HIGHEST_MONEY]),
    ("hce_status", "in_top_paid_group", [None, True]),
    ("compliance", "current_amount", ["23500", HIGHEST_MONEY]),
]

# Field, value one step beyond the edge, rule that names it.
BEYOND = [
    ("hire", "level_id", 0, "greater_than_equal"),
    ("hire", "level_id", 1.0, "int_type"),
    ("hire", "level_id", True, "int_type"),
    ("hire", "annual_compensation", "0", "greater_than"),
    ("hire", "annual_compensation", "-52000", "greater_than"),
    ("hire", "annual_compensation", "1000000000000", "decimal_string"),
    ("hire", "annual_compensation", "0.0000001", "decimal_string"),
    ("hire", "annual_compensation", "1e3", "decimal_string"),
    ("hire", "annual_compensation", " 5", "decimal_string"),
    ("hire", "annual_compensation", "Infinity", "decimal_string"),
    ("hire", "annual_compensation", "NaN", "decimal_string"),
    ("hire", "annual_compensation", 52000, "decimal_string"),
    ("hire", "annual_compensation", None, "decimal_string"),
    ("hire", "scheduled_hours_per_week", "0", "greater_than"),
    ("hire", "scheduled_hours_per_week", "168.01", "less_than_equal"),
    ("hire", "scheduled_hours_per_week", "37.505", "decimal_string"),
    ("hire", "employee_birth_date", "2025-06-15", "hire_before_birth"),
    ("hire", "employee_birth_date", "2025-02-29", "date_parsing"),
    ("hire", "employee_birth_date", 0, "date_type"),
    ("termination", "reason", "redundancy", "literal_error"),
    ("termination", "termination_type", "termination", "literal_error"),
    ("promotion", "new_level", 1, "level_not_above_previous"),
    ("promotion", "new_compensation", "0", "greater_than"),
    ("promotion", "raise_rate", "-1", "greater_than"),
    ("promotion", "raise_rate", "1.000001", "less_than_equal"),
    ("promotion", "raise_rate", "0.0000001", "decimal_string"),
    ("merit", "merit_rate", "-1", "greater_than"),
    ("merit", "new_compensation", "0", "greater_than"),
    ("cola", "new_compensation", "51249.99", "raise_not_to_the_cent"),
    ("cola", "new_compensation", "51250.01", "raise_not_to_the_cent"),
    ("eligibility", "plan_entry_date", "2025-06-14", "entry_before_eligibility"),
    ("eligibility", "basis", "age", "literal_error"),
    ("enrollment", "deferral_rate", "-0.0001", "greater_than_equal"),
    ("enrollment", "deferral_rate", "1.0001", "less_than_equal"),
    ("enrollment", "deferral_rate", "0.06001", "decimal_string"),
    ("enrollment", "method", "default", "literal_error"),
    ("enrollment", "opt_out_deadline", "2025-06-14", "opt_out_deadline_before_enrollment"),
    ("deferral_change", "change", "opt_out", "opt_out_rate_not_zero"),
    ("escalation", "new_rate", "0.06", "escalation_outside_cap"),
    ("escalation", "new_rate", "0.1001", "escalation_outside_cap"),
    ("contribution", "amount", "0", "greater_than"),
    ("contribution", "amount", "1500.01", "year_to_date_below_amount"),
    ("contribution", "period_compensation", "-0.01", "greater_than_equal"),
    ("contribution", "source", "employee_after_tax", "literal_error"),
    ("vesting", "service_years", -1, "greater_than_equal"),
    ("vesting", "service_years", 101, "less_than_equal"),
    ("vesting", "vested_share", "1.0001", "less_than_equal"),
    ("vesting", "previous_vested_share", "0.2001", "vested_share_falls"),
    ("vesting", "source", "employee_pre_tax", "literal_error"),
    ("distribution", "amount", "0", "greater_than"),
    ("distribution", "source", "employee_catch_up", "literal_error"),
    ("distribution", "reason", "loan", "literal_error"),
    ("forfeiture", "amount", "0", "greater_than"),
    ("forfeiture", "amount", "799.99", "forfeiture_not_unvested_part"),
    ("forfeiture", "amount", "800.01", "forfeiture_not_unvested_part"),
    ("forfeiture", "amount", "1000.01", "forfeiture_above_balance"),
    ("forfeiture", "vested_share", "1", "forfeiture_not_unvested_part"),
    ("forfeiture", "source", "employee_roth", "literal_error"),
    ("forfeiture", "reason", "misconduct", "literal_error"),
    # IRC 414(q): above the threshold, not at it.
    ("hce_status", "lookback_compensation", "160000", "hce_flag_inconsistent"),
    ("hce_status", "is_hce", False, "hce_flag_inconsistent"),
    ("hce_status", "in_top_paid_group", False, "hce_flag_inconsistent"),
    ("hce_status", "is_hce", 1, "bool_type"),
    ("hce_status", "ownership_share", "1.000001", "less_than_equal"),
    ("hce_status", "threshold", "0", "greater_than"),
    ("hce_status", "determination_method", "lookback", "literal_error"),
    ("compliance", "current_amount", "-0.01", "greater_than_equal"),
    ("compliance", "current_amount", "23499.99", "limit_amount_inconsistent"),
    ("compliance", "limit_type", "annual_additions", "limit_type_inconsistent"),
    ("compliance", "limit_type", "loans", "literal_error"),
    ("compliance", "compliance_type", "402g_limit_approach", "limit_amount_inconsistent"),
    ("compliance", "compliance_type", "adp_failed", "literal_error"),
    ("compliance", "applicable_limit", "0", "greater_than"),
]


def event(event_type: str, **changes: Any) -> str:
    """A legal event of a type, as JSON, with changes to its payload."""
    return json.dumps(
        {
            "event_id": str(UUID(int=1)),
            "employee_id": "E1",
            "effective_date": "2025-06-15",
            "scenario_id": "baseline",
            "plan_design_id": "standard_401k",
            "simulation_year": 2025,
            "source_system": "plan_administration",
            "created_at": "2025-06-15T12:00:00Z",
            "payload": {"event_type": event_type, **LEGAL[event_type], **changes},
        }
    )


def broken(text: str) -> list[tuple[str, str]]:
    """The (last name of the path, rule) pairs that an event breaks."""
    with pytest.raises(ValidationError) as refused:
        SimulationEvent.model_validate_json(text)
    return [
        (str(error["loc"][-1]), error["type"]) if error["loc"] else ("", error["type"])
        for error in refused.value.errors()
    ]


def test_every_type_has_a_legal_example_here() -> None:
    assert tuple(LEGAL) == event_types()
    for event_type in event_types():
        assert ("event_type", *LEGAL[event_type]) == payload_fields(event_type)


@pytest.mark.parametrize("event_type", LEGAL)
def test_a_legal_event_is_accepted_and_frozen(event_type: str) -> None:
    made = SimulationEvent.model_validate_json(event(event_type))
    assert made.event_type == event_type
    with pytest.raises(ValidationError, match="frozen"):
        made.employee_id = "E2"
    with pytest.raises(ValidationError, match="frozen"):
        made.payload.event_type = "hire"


@pytest.mark.parametrize(
    ("event_type", "field", "value"),
    [(kind, field, value) for kind, field, values in EDGES for value in values],
)
def test_the_edge_is_legal(event_type: str, field: str, value: Any) -> None:
    made = SimulationEvent.model_validate_json(event(event_type, **{field: value}))
    assert json.loads(made.model_dump_json())["payload"][field] == value


@pytest.mark.parametrize(("event_type", "field", "value", "rule"), BEYOND)
def test_one_step_beyond_is_refused_by_its_rule(
    event_type: str, field: str, value: Any, rule: str
) -> None:
    assert rule in [name for _, name in broken(event(event_type, **{field: value}))]


@pytest.mark.parametrize(
    ("event_type", "field"), [(kind, field) for kind in LEGAL for field in LEGAL[kind]]
)
def test_a_required_field_left_out_is_named(event_type: str, field: str) -> None:
    raw = json.loads(event(event_type))
    del raw["payload"][field]
    if payload_models()[event_type].model_fields[field].is_required():
        assert broken(json.dumps(raw)) == [(field, "missing")]
    else:
        SimulationEvent.model_validate_json(json.dumps(raw))


@pytest.mark.parametrize("event_type", LEGAL)
def test_an_extra_field_is_named(event_type: str) -> None:
    assert broken(event(event_type, mood="good")) == [("mood", "extra_forbidden")]


@pytest.mark.parametrize("reason", ["permissible_withdrawal", "excess_contribution"])
def test_match_forfeited_by_law_may_be_vested(reason: str) -> None:
    text = event("forfeiture", reason=reason, amount="1000.00", vested_share="1")
    assert SimulationEvent.model_validate_json(text).payload.amount == 1000


@pytest.mark.parametrize(
    ("share", "flag"), [("0.05", False), ("0.050001", True), ("0.05000", False)]
)
def test_an_owner_holds_more_than_five_percent(share: str, flag: bool) -> None:
    text = event("hce_status", is_hce=flag, lookback_compensation="0", ownership_share=share)
    assert SimulationEvent.model_validate_json(text).payload.is_hce is flag


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"effective_date": "2024-12-31"}, "date_outside_simulation_year"),
        ({"effective_date": "2026-01-01"}, "date_outside_simulation_year"),
        ({"simulation_year": "2025"}, "int_type"),
        ({"event_id": "1"}, "uuid_parsing"),
        ({"employee_id": ""}, "string_too_short"),
        ({"source_system": "payroll"}, "literal_error"),
        ({"created_at": "2025-06-15T12:00:00"}, "timezone_aware"),
        ({"payload": {"event_type": "bonus"}}, "union_tag_invalid"),
        ({"payload": {}}, "union_tag_not_found"),
        ({"employee_ssn": "123"}, "extra_forbidden"),
    ],
)
def test_the_context_has_rules_too(changes: dict[str, Any], rule: str) -> None:
    text = json.dumps(json.loads(event("merit")) | changes)
    assert [name for _, name in broken(text)] == [rule]


@pytest.mark.parametrize("day", ["2025-01-01", "2025-12-31"])
def test_the_first_and_last_day_belong_to_the_year(day: str) -> None:
    text = json.dumps(json.loads(event("merit")) | {"effective_date": day})
    assert str(SimulationEvent.model_validate_json(text).effective_date) == day


def test_python_callers_may_not_pass_floats() -> None:
    fields = {
        **json.loads(event("distribution")),
        "created_at": datetime.now(UTC),
        "effective_date": date(2025, 6, 15),
        "payload": {**LEGAL["distribution"], "event_type": "distribution", "amount": 0.1},
    }
    with pytest.raises(ValidationError, match="not a binary float"):
        SimulationEvent.model_validate(fields)

"""Laws of events: JSON keeps every bit, equal facts are one event, a broken field is named."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.events import (
    EventFactory,
    SimulationEvent,
    allowed_values,
    event_types,
    payload_fields,
    payload_models,
)

CENT = Decimal("0.01")

days = st.dates(date(2025, 1, 1), date(2029, 12, 31))
money = st.decimals("0.000001", "999999999999.999999", places=6)
dollars = st.decimals("1", "10000000", places=2)
rates = st.decimals("0", "1", places=4)
raises = st.decimals("-0.1", "0.25", places=6)
levels = st.integers(1, 8)


def choice(event_type: str, field: str) -> st.SearchStrategy[str]:
    values = allowed_values(event_type, field)
    assert values
    return st.sampled_from(values)


@st.composite
def facts(draw: st.DrawFn, event_type: str, day: date) -> dict[str, Any]:
    """Legal facts of an event of a type, on a day."""

    def pick(field: str) -> str:
        return draw(choice(event_type, field))

    match event_type:
        case "hire":
            return {
                "employee_birth_date": day - timedelta(days=draw(st.integers(1, 30000))),
                "level_id": draw(levels),
                "annual_compensation": draw(money),
                "scheduled_hours_per_week": draw(st.decimals("0.01", "168", places=2)),
            }
        case "termination":
            return {
                "termination_type": pick("termination_type"),
                "reason": pick("reason"),
                "annual_compensation": draw(money),
            }
        case "promotion":
            level = draw(levels)
            return {
                "previous_level": level,
                "new_level": level + draw(st.integers(1, 3)),
                "previous_compensation": draw(money),
                "new_compensation": draw(money),
                "raise_rate": draw(raises),
            }
        case "merit":
            return {
                "level_id": draw(levels),
                "previous_compensation": draw(money),
                "new_compensation": draw(money),
                "merit_rate": draw(raises),
            }
        case "cola":
            pay, rate = draw(dollars), draw(raises)
            return {
                "level_id": draw(levels),
                "previous_compensation": pay,
                "new_compensation": (pay * (1 + rate)).quantize(CENT, ROUND_HALF_UP),
                "cola_rate": rate,
            }
        case "eligibility":
            return {
                "satisfied_date": day,
                "plan_entry_date": day + timedelta(days=draw(st.integers(0, 400))),
                "basis": pick("basis"),
            }
        case "enrollment":
            wait = draw(st.none() | st.integers(0, 90))
            return {
                "method": pick("method"),
                "deferral_rate": draw(rates),
                "roth_share": draw(rates),
                "opt_out_deadline": None if wait is None else day + timedelta(days=wait),
            }
        case "deferral_change":
            change = pick("change")
            return {
                "change": change,
                "previous_rate": draw(rates),
                "new_rate": Decimal(0) if change == "opt_out" else draw(rates),
                "roth_share": draw(rates),
            }
        case "escalation":
            low, middle, high = sorted(draw(st.lists(rates, min_size=3, max_size=3, unique=True)))
            return {"previous_rate": low, "new_rate": middle, "cap": high}
        case "contribution":
            amount, total = sorted([draw(money), draw(money)])
            return {
                "source": pick("source"),
                "amount": amount,
                "pay_date": day,
                "period_compensation": draw(money),
                "year_to_date": total,
            }
        case "vesting":
            low, high = sorted([draw(rates), draw(rates)])
            return {
                "source": pick("source"),
                "service_years": draw(st.integers(0, 60)),
                "previous_vested_share": low,
                "vested_share": high,
            }
        case "distribution":
            return {"source": pick("source"), "amount": draw(money), "reason": pick("reason")}
        case "forfeiture":
            balance = draw(dollars)
            share = draw(st.decimals("0", "0.95", places=4))
            return {
                "source": pick("source"),
                "amount": (balance * (1 - share)).quantize(CENT, ROUND_HALF_UP),
                "reason": pick("reason"),
                "account_balance": balance,
                "vested_share": share,
            }
        case "hce_status":
            pay, threshold = draw(dollars), draw(dollars)
            share, top = draw(rates), draw(st.sampled_from([None, True, False]))
            owner = share > Decimal("0.05")
            return {
                "is_hce": owner or (pay > threshold and top is not False),
                "determination_method": pick("determination_method"),
                "lookback_compensation": pay,
                "threshold": threshold,
                "ownership_share": share,
                "in_top_paid_group": top,
            }
        case "compliance":
            kind, limit = pick("compliance_type"), draw(dollars)
            amount = draw(dollars)
            if kind.endswith("_reached"):
                amount += limit
            if kind.endswith("_approach"):
                amount, limit = sorted([amount, limit + amount])
            families = {"402g": "elective_deferral", "415c": "annual_additions"}
            return {
                "compliance_type": kind,
                "limit_type": families.get(kind[:4], "catch_up"),
                "applicable_limit": limit,
                "current_amount": amount,
            }
    raise AssertionError(f"no facts for {event_type}")


@st.composite
def events(draw: st.DrawFn) -> SimulationEvent:
    """A legal event of any type, as its factory makes it."""
    event_type = draw(st.sampled_from(event_types()))
    day = draw(days)
    return make(
        event_type, day, draw(facts(event_type, day)), draw(st.text(min_size=1, max_size=200))
    )


def make(event_type: str, day: date, given_facts: dict[str, Any], person: str) -> SimulationEvent:
    names = {"compliance": "compliance_monitoring"}
    factory = EventFactory("baseline", "standard_401k")
    create = getattr(factory, f"create_{names.get(event_type, event_type)}_event")
    return create(person, day, **given_facts, created_at=datetime(2025, 1, 1, tzinfo=UTC))


@given(events())
def test_an_event_survives_json_bit_for_bit(event: SimulationEvent) -> None:
    text = event.model_dump_json()
    back = SimulationEvent.model_validate_json(text)
    assert back == event
    assert back.model_dump_json() == text
    for field in payload_fields(event.event_type):
        before, after = getattr(event.payload, field), getattr(back.payload, field)
        assert type(before) is type(after)
        if isinstance(before, Decimal):
            assert before.as_tuple() == after.as_tuple()


@given(st.data())
def test_the_same_facts_are_the_same_event(data: st.DataObject) -> None:
    event_type, day = data.draw(st.sampled_from(event_types())), data.draw(days)
    known = data.draw(facts(event_type, day))
    assert make(event_type, day, known, "E1") == make(event_type, day, known, "E1")
    assert (
        make(event_type, day, known, "E1").event_id != make(event_type, day, known, "E2").event_id
    )


@given(events(), st.data())
def test_a_broken_field_is_named(event: SimulationEvent, data: st.DataObject) -> None:
    raw = json.loads(event.model_dump_json())
    payload = raw["payload"]
    field = data.draw(st.sampled_from([name for name in payload if name != "event_type"]))
    required = payload_models()[event.event_type].model_fields[field].is_required()
    if required and data.draw(st.booleans()):
        del payload[field]
    else:
        payload[field] = {"not": "a value"}
    with pytest.raises(ValidationError) as refused:
        SimulationEvent.model_validate_json(json.dumps(raw))
    assert [error["loc"] for error in refused.value.errors()] == [
        ("payload", event.event_type, field)
    ]


@given(events(), st.sampled_from(["event_id", "employee_id", "effective_date", "scenario_id"]))
def test_missing_context_is_named(event: SimulationEvent, field: str) -> None:
    raw = json.loads(event.model_dump_json())
    del raw[field]
    with pytest.raises(ValidationError) as refused:
        SimulationEvent.model_validate_json(json.dumps(raw))
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [
        ((field,), "missing")
    ]


@given(events())
def test_an_event_belongs_to_one_year_only(event: SimulationEvent) -> None:
    raw = json.loads(event.model_dump_json()) | {"simulation_year": event.simulation_year + 1}
    with pytest.raises(ValidationError, match="should lie in simulation_year"):
        SimulationEvent.model_validate_json(json.dumps(raw))


@given(st.integers(-30, 30), st.integers(0, 10**12))
def test_exponents_never_reach_the_wire(exponent: int, digits: int) -> None:
    amount = Decimal(digits).scaleb(exponent)
    try:
        event = make(
            "distribution",
            date(2025, 1, 1),
            {"source": "employee_roth", "amount": amount, "reason": "cash_out"},
            "E1",
        )
    except ValidationError:
        return
    written = json.loads(event.model_dump_json())["payload"]["amount"]
    assert "E" not in written
    assert Decimal(written) == amount

"""What a caller gets wrong when making an event is named; what is legal makes one event."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from config.events import EventFactory, SimulationEvent

FACTORY = EventFactory("baseline", "standard_401k")


def merit(effective_date: Any, **record: Any) -> SimulationEvent:
    return FACTORY.create_merit_event(
        "E1",
        effective_date,
        level_id=1,
        previous_compensation=Decimal(50000),
        new_compensation=Decimal(51000),
        merit_rate=Decimal("0.02"),
        **record,
    )


@pytest.mark.parametrize("day", [None, "2026-02-30", 20260505, datetime(2026, 5, 5, 10, 30)])
def test_a_day_that_is_none_is_named_by_field_and_value(day: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        merit(day)
    [error] = refused.value.errors()
    assert error["loc"] == ("effective_date",)
    assert error["input"] == day


@pytest.mark.parametrize("day", ["2026-05-05", datetime(2026, 5, 5)])
def test_however_the_day_is_written_it_is_the_same_event(day: Any) -> None:
    assert merit(day).event_id == merit(date(2026, 5, 5)).event_id


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument mood"):
        merit(date(2026, 5, 5), mood="good")


def test_an_inconsistent_flag_is_shown_as_a_flag() -> None:
    with pytest.raises(ValidationError, match="is_hce True should be False"):
        FACTORY.create_hce_status_event(
            "E1",
            date(2026, 1, 1),
            is_hce=True,
            determination_method="prior_year",
            lookback_compensation=Decimal(100000),
            threshold=Decimal(155000),
            ownership_share=Decimal(0),
        )

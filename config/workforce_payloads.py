"""Payloads of the workforce family: hire, termination, promotion, merit, cola."""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from config.event_fields import (
    HALF_CENT,
    Day,
    LevelId,
    Payload,
    PositiveMoney,
    RaiseRate,
    TerminationReason,
    TerminationType,
    WeeklyHours,
)


class HirePayload(Payload):
    """A person joins. `annual_compensation` is the annual rate in dollars at hire."""

    columns: ClassVar[Mapping[str, str]] = {
        "compensation_amount": "annual_compensation",
        "level_id": "level_id",
    }
    event_type: Literal["hire"] = "hire"
    employee_birth_date: Day
    level_id: LevelId
    annual_compensation: PositiveMoney
    scheduled_hours_per_week: WeeklyHours


class TerminationPayload(Payload):
    """A person leaves; the effective date is the last paid day."""

    columns: ClassVar[Mapping[str, str]] = {
        "event_category": "termination_type",
        "reason": "reason",
        "compensation_amount": "annual_compensation",
    }
    event_type: Literal["termination"] = "termination"
    termination_type: TerminationType
    reason: TerminationReason
    annual_compensation: PositiveMoney


class PromotionPayload(Payload):
    """A person moves to a higher level. `raise_rate` may be exceeded by the new level's minimum."""

    columns: ClassVar[Mapping[str, str]] = {
        "level_id": "new_level",
        "previous_compensation": "previous_compensation",
        "compensation_amount": "new_compensation",
        "rate": "raise_rate",
    }
    event_type: Literal["promotion"] = "promotion"
    previous_level: LevelId
    new_level: LevelId
    previous_compensation: PositiveMoney
    new_compensation: PositiveMoney
    raise_rate: RaiseRate

    @model_validator(mode="after")
    def _level_rises(self) -> Self:
        if self.new_level <= self.previous_level:
            raise PydanticCustomError(
                "level_not_above_previous",
                "new_level {new} should be above previous_level {previous}",
                {"new": self.new_level, "previous": self.previous_level},
            )
        return self


class MeritPayload(Payload):
    """A raise for performance; annual rates in dollars.

    The new rate is not checked against `merit_rate`: under the option "COLA and merit additive" the
    rate applies to the pay before COLA, which the payload does not hold.
    """

    columns: ClassVar[Mapping[str, str]] = {
        "level_id": "level_id",
        "previous_compensation": "previous_compensation",
        "compensation_amount": "new_compensation",
        "rate": "merit_rate",
    }
    event_type: Literal["merit"] = "merit"
    level_id: LevelId
    previous_compensation: PositiveMoney
    new_compensation: PositiveMoney
    merit_rate: RaiseRate


class ColaPayload(Payload):
    """A cost-of-living raise; annual rates in dollars, rounded to cents once."""

    columns: ClassVar[Mapping[str, str]] = {
        "level_id": "level_id",
        "previous_compensation": "previous_compensation",
        "compensation_amount": "new_compensation",
        "rate": "cola_rate",
    }
    event_type: Literal["cola"] = "cola"
    level_id: LevelId
    previous_compensation: PositiveMoney
    new_compensation: PositiveMoney
    cola_rate: RaiseRate

    @model_validator(mode="after")
    def _raise_adds_up(self) -> Self:
        exact = self.previous_compensation * (1 + self.cola_rate)
        if abs(self.new_compensation - exact) > HALF_CENT:
            raise PydanticCustomError(
                "raise_not_to_the_cent",
                "new_compensation {new} should be previous_compensation {previous} "
                "x (1 + cola_rate {rate}) = {exact}, to the cent",
                {
                    "new": str(self.new_compensation),
                    "previous": str(self.previous_compensation),
                    "rate": str(self.cola_rate),
                    "exact": str(exact),
                },
            )
        return self

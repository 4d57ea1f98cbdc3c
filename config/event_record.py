"""The record around a payload: who, when, from which engine, and an id derived from the content.

The same fact made twice is the same event; `correlation_id` tells apart two facts that agree in
everything (two equal refunds on one day).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypedDict
from uuid import UUID, uuid5

from pydantic import BaseModel

from config.event_fields import Day, Payload
from config.event_model import SimulationEvent, SourceSystem

EVENT_NAMESPACE = UUID("5f0c7a52-0f0b-5d3a-9d0e-4b8f6f6c3c11")


class Record(TypedDict, total=False):
    """What a caller may fix about the record; each has a derived default."""

    event_id: UUID
    correlation_id: str
    created_at: datetime


class _Dated(BaseModel):
    effective_date: Day


@dataclass(frozen=True)
class Factory:
    """Makes events of one scenario and plan design; the families add a method per event."""

    scenario_id: str
    plan_design_id: str

    def _event(
        self,
        source_system: SourceSystem,
        employee_id: str,
        effective_date: date,
        payload: Payload,
        record: Record,
    ) -> SimulationEvent:
        # Python leaves the names of keyword arguments that are passed on unchecked.
        if unknown := record.keys() - Record.__annotations__.keys():
            raise TypeError(f"unexpected keyword argument {', '.join(sorted(unknown))}")
        day = _Dated(effective_date=effective_date).effective_date
        facts = (
            self.scenario_id,
            self.plan_design_id,
            employee_id,
            str(day),
            source_system,
            record.get("correlation_id", ""),
            payload.model_dump_json(),
        )
        return SimulationEvent(
            event_id=record.get("event_id") or uuid5(EVENT_NAMESPACE, repr(facts)),
            employee_id=employee_id,
            effective_date=day,
            scenario_id=self.scenario_id,
            plan_design_id=self.plan_design_id,
            simulation_year=day.year,
            source_system=source_system,
            correlation_id=record.get("correlation_id"),
            created_at=record.get("created_at") or datetime.now(UTC),
            payload=payload,
        )

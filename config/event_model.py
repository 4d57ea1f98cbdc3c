"""The event: who, when, in which scenario, from which engine, and one typed payload."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Self, get_args, get_origin
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic_core import PydanticCustomError

from config.administration_payloads import (
    CompliancePayload,
    ForfeiturePayload,
    HceStatusPayload,
)
from config.event_fields import Day, Payload
from config.plan_payloads import (
    ContributionPayload,
    DeferralChangePayload,
    DistributionPayload,
    EligibilityPayload,
    EnrollmentPayload,
    EscalationPayload,
    VestingPayload,
)
from config.workforce_payloads import (
    ColaPayload,
    HirePayload,
    MeritPayload,
    PromotionPayload,
    TerminationPayload,
)

EventPayload = Annotated[
    HirePayload
    | TerminationPayload
    | PromotionPayload
    | MeritPayload
    | ColaPayload
    | EligibilityPayload
    | EnrollmentPayload
    | DeferralChangePayload
    | EscalationPayload
    | ContributionPayload
    | VestingPayload
    | DistributionPayload
    | ForfeiturePayload
    | HceStatusPayload
    | CompliancePayload,
    Field(discriminator="event_type"),
]

SourceSystem = Literal[
    "workforce_simulation",
    "plan_administration",
    "hce_determination",
    "compliance_monitoring",
    "import",
]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SimulationEvent(BaseModel):
    """One immutable event of the log.

    `source_system` is the engine that made it; `correlation_id` ties events of one cause together;
    `created_at` is wall-clock time, left out of every comparison of results. The effective date
    lies inside the simulation year (plan year = calendar year).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: UUID
    employee_id: Identifier
    effective_date: Day
    scenario_id: Identifier
    plan_design_id: Identifier
    simulation_year: Annotated[StrictInt, Field(ge=1900, le=2200)]
    source_system: SourceSystem
    correlation_id: Identifier | None = None
    created_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    payload: EventPayload

    @property
    def event_type(self) -> str:
        """The payload's type."""
        return self.payload.event_type

    @model_validator(mode="after")
    def _dates_agree(self) -> Self:
        if self.effective_date.year != self.simulation_year:
            raise PydanticCustomError(
                "date_outside_simulation_year",
                "effective_date {day} should lie in simulation_year {year}",
                {"day": str(self.effective_date), "year": self.simulation_year},
            )
        payload = self.payload
        if type(payload) is HirePayload and payload.employee_birth_date >= self.effective_date:
            raise PydanticCustomError(
                "hire_before_birth",
                "employee_birth_date {birth} should be before effective_date {day}",
                {"birth": str(payload.employee_birth_date), "day": str(self.effective_date)},
            )
        if (
            type(payload) is EnrollmentPayload
            and payload.opt_out_deadline is not None
            and payload.opt_out_deadline < self.effective_date
        ):
            raise PydanticCustomError(
                "opt_out_deadline_before_enrollment",
                "opt_out_deadline {deadline} should not be before effective_date {day}",
                {"deadline": str(payload.opt_out_deadline), "day": str(self.effective_date)},
            )
        return self


EVENT_LIST: TypeAdapter[list[SimulationEvent]] = TypeAdapter(list[SimulationEvent])


@cache
def payload_models() -> Mapping[str, type[Payload]]:
    """Every event type and the model of its payload, in the order of the contract."""
    members = get_args(get_args(EventPayload)[0])
    return {get_args(model.model_fields["event_type"].annotation)[0]: model for model in members}


def event_types() -> tuple[str, ...]:
    """The event types of the log, in the order of the contract."""
    return tuple(payload_models())


def payload_fields(event_type: str) -> tuple[str, ...]:
    """Names of the keys of a payload's JSON, `event_type` first. Unknown types raise KeyError."""
    return tuple(payload_models()[event_type].model_fields)


def payload_columns(event_type: str) -> Mapping[str, str]:
    """Typed columns of `fct_yearly_events` that repeat a payload field (column → field)."""
    return payload_models()[event_type].columns


def allowed_values(event_type: str, field: str) -> tuple[str, ...] | None:
    """Enumeration of a payload field, or None when the field is not an enumeration."""
    return _literals(payload_models()[event_type].model_fields[field].annotation)


def source_systems() -> tuple[str, ...]:
    """The engines an event may come from."""
    return get_args(SourceSystem)


def event_schema() -> dict[str, Any]:
    """JSON Schema of an event and of all payloads."""
    schema = SimulationEvent.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _literals(annotation: Any) -> tuple[str, ...] | None:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) is UnionType:
        found = [_literals(member) for member in get_args(annotation)]
        return next((values for values in found if values), None)
    return None

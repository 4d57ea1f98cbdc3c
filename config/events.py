"""The event model, the law of `fct_yearly_events`: everything public about events, in one place.

- `SimulationEvent`: context and a payload, a union discriminated on `event_type`
- payload models, one per event type, in three families (`config.workforce_payloads`,
  `config.plan_payloads`, `config.administration_payloads`)
- factories, one method per event (`config.event_factories`)
- questions other rooms ask of the model: `event_types()`, `payload_fields()`, `allowed_values()`…
"""

from config.administration_payloads import (
    CompliancePayload,
    ForfeiturePayload,
    HceStatusPayload,
)
from config.event_factories import (
    DCPlanEventFactory,
    EventFactory,
    PlanAdministrationEventFactory,
    WorkforceEventFactory,
)
from config.event_fields import Payload
from config.event_model import (
    EVENT_LIST,
    EventPayload,
    SimulationEvent,
    SourceSystem,
    allowed_values,
    event_schema,
    event_types,
    payload_columns,
    payload_fields,
    payload_models,
    source_systems,
)
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

__all__ = [
    "EVENT_LIST",
    "ColaPayload",
    "CompliancePayload",
    "ContributionPayload",
    "DCPlanEventFactory",
    "DeferralChangePayload",
    "DistributionPayload",
    "EligibilityPayload",
    "EnrollmentPayload",
    "EscalationPayload",
    "EventFactory",
    "EventPayload",
    "ForfeiturePayload",
    "HceStatusPayload",
    "HirePayload",
    "MeritPayload",
    "Payload",
    "PlanAdministrationEventFactory",
    "PromotionPayload",
    "SimulationEvent",
    "SourceSystem",
    "TerminationPayload",
    "VestingPayload",
    "WorkforceEventFactory",
    "allowed_values",
    "event_schema",
    "event_types",
    "payload_columns",
    "payload_fields",
    "payload_models",
    "source_systems",
]

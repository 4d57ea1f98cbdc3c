"""Payloads of the plan family: from eligibility to distribution."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from config.event_fields import (
    Account,
    ContributionSource,
    Day,
    DeferralChangeKind,
    DistributionReason,
    EligibilityBasis,
    EmployerAccount,
    EnrollmentMethod,
    NonNegativeMoney,
    Payload,
    PositiveMoney,
    Rate,
)


class EligibilityPayload(Payload):
    """Age and service requirements are met (IRC 410(a)); entry follows on the plan's next date."""

    event_type: Literal["eligibility"] = "eligibility"
    satisfied_date: Day
    plan_entry_date: Day
    basis: EligibilityBasis

    @model_validator(mode="after")
    def _entry_follows(self) -> Self:
        if self.plan_entry_date < self.satisfied_date:
            raise PydanticCustomError(
                "entry_before_eligibility",
                "plan_entry_date {entry} should not be before satisfied_date {satisfied}",
                {"entry": str(self.plan_entry_date), "satisfied": str(self.satisfied_date)},
            )
        return self


class EnrollmentPayload(Payload):
    """A person starts to defer. `opt_out_deadline`: last day of the window (IRC 414(w)), if any."""

    columns: ClassVar[Mapping[str, str]] = {"event_category": "method", "rate": "deferral_rate"}
    event_type: Literal["enrollment"] = "enrollment"
    method: EnrollmentMethod
    deferral_rate: Rate
    roth_share: Rate
    opt_out_deadline: Day | None = None


class DeferralChangePayload(Payload):
    """A person elects another rate, or opts out (rate zero)."""

    columns: ClassVar[Mapping[str, str]] = {"event_category": "change", "rate": "new_rate"}
    event_type: Literal["deferral_change"] = "deferral_change"
    change: DeferralChangeKind
    previous_rate: Rate
    new_rate: Rate
    roth_share: Rate

    @model_validator(mode="after")
    def _opt_out_stops(self) -> Self:
        if self.change == "opt_out" and self.new_rate != 0:
            raise PydanticCustomError(
                "opt_out_rate_not_zero",
                "new_rate {rate} should be 0 when change is opt_out",
                {"rate": str(self.new_rate)},
            )
        return self


class EscalationPayload(Payload):
    """An automatic increase. It never lowers a rate and never passes the cap."""

    columns: ClassVar[Mapping[str, str]] = {"rate": "new_rate"}
    event_type: Literal["escalation"] = "escalation"
    previous_rate: Rate
    new_rate: Rate
    cap: Rate

    @model_validator(mode="after")
    def _rises_to_cap(self) -> Self:
        if not self.previous_rate < self.new_rate <= self.cap:
            raise PydanticCustomError(
                "escalation_outside_cap",
                "new_rate {new} should be above previous_rate {previous} and at most cap {cap}",
                {
                    "new": str(self.new_rate),
                    "previous": str(self.previous_rate),
                    "cap": str(self.cap),
                },
            )
        return self


class ContributionPayload(Payload):
    """Money enters an account; `year_to_date` is of this source, this amount included."""

    columns: ClassVar[Mapping[str, str]] = {
        "source": "source",
        "amount": "amount",
        "compensation_amount": "period_compensation",
    }
    event_type: Literal["contribution"] = "contribution"
    source: ContributionSource
    amount: PositiveMoney
    pay_date: Day
    period_compensation: NonNegativeMoney
    year_to_date: NonNegativeMoney

    @model_validator(mode="after")
    def _total_holds_amount(self) -> Self:
        if self.year_to_date < self.amount:
            raise PydanticCustomError(
                "year_to_date_below_amount",
                "year_to_date {total} should be at least amount {amount}",
                {"total": str(self.year_to_date), "amount": str(self.amount)},
            )
        return self


class VestingPayload(Payload):
    """An employer account vests further: service in whole years, shares 0..1 (IRC 411(a)(2)(B))."""

    columns: ClassVar[Mapping[str, str]] = {"source": "source", "rate": "vested_share"}
    event_type: Literal["vesting"] = "vesting"
    source: EmployerAccount
    service_years: Annotated[StrictInt, Field(ge=0, le=100)]
    previous_vested_share: Rate
    vested_share: Rate

    @model_validator(mode="after")
    def _never_falls(self) -> Self:
        if self.vested_share < self.previous_vested_share:
            raise PydanticCustomError(
                "vested_share_falls",
                "vested_share {new} should not be below previous_vested_share {previous}",
                {"new": str(self.vested_share), "previous": str(self.previous_vested_share)},
            )
        return self


class DistributionPayload(Payload):
    """Money leaves an account for the participant: on leaving, on withdrawal, or as a refund."""

    columns: ClassVar[Mapping[str, str]] = {
        "source": "source",
        "amount": "amount",
        "reason": "reason",
    }
    event_type: Literal["distribution"] = "distribution"
    source: Account
    amount: PositiveMoney
    reason: DistributionReason

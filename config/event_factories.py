"""Factories: one method per event, so that a caller states facts and never assembles a record.

A factory belongs to one scenario and plan design. Methods take the person, the day and the facts of
the payload (its model gives units and rules); pydantic's `ValidationError` names field, value and
rule.
"""

from datetime import date
from decimal import Decimal
from typing import Unpack

from config.administration_payloads import CompliancePayload, ForfeiturePayload, HceStatusPayload
from config.event_fields import (
    Account,
    ComplianceType,
    ContributionSource,
    DeferralChangeKind,
    DeterminationMethod,
    DistributionReason,
    EligibilityBasis,
    EmployerAccount,
    EnrollmentMethod,
    ForfeitureReason,
    LimitType,
    TerminationReason,
    TerminationType,
)
from config.event_model import SimulationEvent
from config.event_record import Factory, Record
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


class WorkforceEventFactory(Factory):
    """Events of the workforce engine; `source_system` is `workforce_simulation`."""

    def create_hire_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        employee_birth_date: date,
        level_id: int,
        annual_compensation: Decimal,
        scheduled_hours_per_week: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A person joins at an annual rate, working so many hours a week."""
        payload = HirePayload(
            employee_birth_date=employee_birth_date,
            level_id=level_id,
            annual_compensation=annual_compensation,
            scheduled_hours_per_week=scheduled_hours_per_week,
        )
        return self._event("workforce_simulation", employee_id, effective_date, payload, record)

    def create_termination_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        termination_type: TerminationType,
        reason: TerminationReason,
        annual_compensation: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A person leaves; the day is the last paid one."""
        payload = TerminationPayload(
            termination_type=termination_type,
            reason=reason,
            annual_compensation=annual_compensation,
        )
        return self._event("workforce_simulation", employee_id, effective_date, payload, record)

    def create_promotion_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        previous_level: int,
        new_level: int,
        previous_compensation: Decimal,
        new_compensation: Decimal,
        raise_rate: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A person moves to a higher level, from this day at the new annual rate."""
        payload = PromotionPayload(
            previous_level=previous_level,
            new_level=new_level,
            previous_compensation=previous_compensation,
            new_compensation=new_compensation,
            raise_rate=raise_rate,
        )
        return self._event("workforce_simulation", employee_id, effective_date, payload, record)

    def create_merit_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        level_id: int,
        previous_compensation: Decimal,
        new_compensation: Decimal,
        merit_rate: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A merit raise, from this day."""
        payload = MeritPayload(
            level_id=level_id,
            previous_compensation=previous_compensation,
            new_compensation=new_compensation,
            merit_rate=merit_rate,
        )
        return self._event("workforce_simulation", employee_id, effective_date, payload, record)

    def create_cola_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        level_id: int,
        previous_compensation: Decimal,
        new_compensation: Decimal,
        cola_rate: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A cost-of-living raise, from this day."""
        payload = ColaPayload(
            level_id=level_id,
            previous_compensation=previous_compensation,
            new_compensation=new_compensation,
            cola_rate=cola_rate,
        )
        return self._event("workforce_simulation", employee_id, effective_date, payload, record)


class DCPlanEventFactory(Factory):
    """Events of the defined contribution plan; `source_system` is `plan_administration`."""

    def create_eligibility_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        satisfied_date: date,
        plan_entry_date: date,
        basis: EligibilityBasis,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """Age and service requirements are met, and the entry date is known."""
        payload = EligibilityPayload(
            satisfied_date=satisfied_date, plan_entry_date=plan_entry_date, basis=basis
        )
        return self._event("plan_administration", employee_id, effective_date, payload, record)

    def create_enrollment_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        method: EnrollmentMethod,
        deferral_rate: Decimal,
        roth_share: Decimal,
        opt_out_deadline: date | None = None,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A person starts to defer, by default, by election, or as the census says."""
        payload = EnrollmentPayload(
            method=method,
            deferral_rate=deferral_rate,
            roth_share=roth_share,
            opt_out_deadline=opt_out_deadline,
        )
        return self._event("plan_administration", employee_id, effective_date, payload, record)

    def create_deferral_change_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        change: DeferralChangeKind,
        previous_rate: Decimal,
        new_rate: Decimal,
        roth_share: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A person elects another rate, or opts out."""
        payload = DeferralChangePayload(
            change=change, previous_rate=previous_rate, new_rate=new_rate, roth_share=roth_share
        )
        return self._event("plan_administration", employee_id, effective_date, payload, record)

    def create_escalation_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        previous_rate: Decimal,
        new_rate: Decimal,
        cap: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """An automatic increase of the deferral rate, up to the cap."""
        payload = EscalationPayload(previous_rate=previous_rate, new_rate=new_rate, cap=cap)
        return self._event("plan_administration", employee_id, effective_date, payload, record)

    def create_contribution_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        source: ContributionSource,
        amount: Decimal,
        pay_date: date,
        period_compensation: Decimal,
        year_to_date: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """Money enters an account; `year_to_date` is the source's total with this amount."""
        payload = ContributionPayload(
            source=source,
            amount=amount,
            pay_date=pay_date,
            period_compensation=period_compensation,
            year_to_date=year_to_date,
        )
        return self._event("plan_administration", employee_id, effective_date, payload, record)

    def create_vesting_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        source: EmployerAccount,
        service_years: int,
        previous_vested_share: Decimal,
        vested_share: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """An employer account vests further."""
        payload = VestingPayload(
            source=source,
            service_years=service_years,
            previous_vested_share=previous_vested_share,
            vested_share=vested_share,
        )
        return self._event("plan_administration", employee_id, effective_date, payload, record)

    def create_distribution_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        source: Account,
        amount: Decimal,
        reason: DistributionReason,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """Money leaves an account for the participant."""
        payload = DistributionPayload(source=source, amount=amount, reason=reason)
        return self._event("plan_administration", employee_id, effective_date, payload, record)


class PlanAdministrationEventFactory(Factory):
    """Events of plan administration; each method's `source_system` is its own engine."""

    def create_forfeiture_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        source: EmployerAccount,
        amount: Decimal,
        reason: ForfeitureReason,
        account_balance: Decimal,
        vested_share: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """Employer money goes back to the plan (`plan_administration`)."""
        payload = ForfeiturePayload(
            source=source,
            amount=amount,
            reason=reason,
            account_balance=account_balance,
            vested_share=vested_share,
        )
        return self._event("plan_administration", employee_id, effective_date, payload, record)

    def create_hce_status_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        is_hce: bool,
        determination_method: DeterminationMethod,
        lookback_compensation: Decimal,
        threshold: Decimal,
        ownership_share: Decimal,
        in_top_paid_group: bool | None = None,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """Highly compensated or not this year (`hce_determination`)."""
        payload = HceStatusPayload(
            is_hce=is_hce,
            determination_method=determination_method,
            lookback_compensation=lookback_compensation,
            threshold=threshold,
            ownership_share=ownership_share,
            in_top_paid_group=in_top_paid_group,
        )
        return self._event("hce_determination", employee_id, effective_date, payload, record)

    def create_compliance_monitoring_event(
        self,
        employee_id: str,
        effective_date: date,
        *,
        compliance_type: ComplianceType,
        limit_type: LimitType,
        applicable_limit: Decimal,
        current_amount: Decimal,
        **record: Unpack[Record],
    ) -> SimulationEvent:
        """A person nears, meets or qualifies for a limit (`compliance_monitoring`)."""
        payload = CompliancePayload(
            compliance_type=compliance_type,
            limit_type=limit_type,
            applicable_limit=applicable_limit,
            current_amount=current_amount,
        )
        return self._event("compliance_monitoring", employee_id, effective_date, payload, record)


class EventFactory(WorkforceEventFactory, DCPlanEventFactory, PlanAdministrationEventFactory):
    """Every family in one."""

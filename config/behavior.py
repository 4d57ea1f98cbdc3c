"""Section `behavior`: what employees choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.quantities import Age, Elements, Money, Multiplier, Rate, Section, Years
from config.rules import Violation, contiguous, require


class IncomeBand(Section):
    """Participation by pay, [min_pay, max_pay)."""

    min_pay: Money = Field(description="Least annual pay in the band, dollars.")
    max_pay: Money | None = Field(description="First pay above the band; null in the last.")
    voluntary_participation: Rate = Field(
        description="Long-run participation under voluntary enrollment."
    )
    automatic_participation: Rate = Field(description="Participation under automatic enrollment.")
    change_multiplier: Multiplier = Field(description="Factor on stop, decrease, increase rates.")


class DeferralAgeBand(Section):
    """Elected deferral rates by age, [min_age, max_age)."""

    min_age: Age = Field(description="Youngest age in the band, years.")
    max_age: Age | None = Field(description="First age above the band; null in the last.")
    mean_deferral_rate: Rate = Field(
        description="Mean rate of an affirmative election, share of pay."
    )
    change_multiplier: Multiplier = Field(description="Factor on stop, decrease, increase rates.")


class ChangeTenureBand(Section):
    """Election changes by tenure, [min_tenure, max_tenure)."""

    min_tenure: Years = Field(description="Least completed service in the band, years.")
    max_tenure: Years | None = Field(description="First tenure above the band; null in the last.")
    change_multiplier: Multiplier = Field(description="Factor on stop, decrease, increase rates.")


class Behavior(Section):
    """What employees choose; defaults calibrated to surveys."""

    frozen: bool = Field(
        description="true keeps every election as the census gives it (test lives)."
    )
    opt_out_rate: Rate = Field(
        description="Share of the automatically enrolled who opt out within the window."
    )
    affirmative_election_rate: Rate = Field(
        description="Share of the automatically covered who choose their own rate."
    )
    new_hire_voluntary_factor: Multiplier = Field(
        description="First-year voluntary enrollment relative to voluntary_participation."
    )
    annual_enrollment_factor: Multiplier = Field(
        description="Enrollment hazard of those not in the plan, a year, relative to the odds of "
        "voluntary_participation, p / (1 - p)."
    )
    stop_rate: Rate = Field(description="Share of participants who stop deferring, a year.")
    decrease_rate: Rate = Field(description="Share of participants who lower their rate, a year.")
    increase_rate: Rate = Field(description="Share of participants who raise their rate, a year.")
    escalation_acceptance_rate: Rate = Field(
        description="Share of participants who accept an automatic increase."
    )
    match_attraction: Rate = Field(
        description="Share of electors below the match ceiling who go to it."
    )
    roth_election_rate: Rate = Field(description="Share of new enrollees who defer to Roth.")
    distribution_election_rate: Rate = Field(
        description="Share of leavers above the cash-out limit who take their money at exit."
    )
    income_bands: Annotated[tuple[IncomeBand, ...], Elements, contiguous("min_pay", "max_pay")] = (
        Field(description="Pay bands from 0, without gap or overlap.")
    )
    age_bands: Annotated[
        tuple[DeferralAgeBand, ...], Elements, contiguous("min_age", "max_age")
    ] = Field(description="Age bands from 0, without gap or overlap.")
    tenure_bands: Annotated[
        tuple[ChangeTenureBand, ...], Elements, contiguous("min_tenure", "max_tenure")
    ] = Field(description="Tenure bands from 0, without gap or overlap.")

    @model_validator(mode="after")
    def _hazards(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        changes = self.stop_rate + self.decrease_rate + self.increase_rate
        if changes > 1:
            yield Violation(
                ("increase_rate",),
                f"stop_rate + decrease_rate + increase_rate must not exceed 1, but is {changes}",
            )

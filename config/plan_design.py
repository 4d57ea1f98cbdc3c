"""`PlanDesign`: every key of a plan design with its default, unit and section.

Statutory conditions that span keys are in `plan_rules.py`. Bands and service are [from, to).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from config import plan_rules
from config.quantities import Id, LoggedRate, MatchRate, Money, Rate, Return, Section
from config.rules import Violation, check_bands, require, rule, within

BandEdge = Annotated[int, Field(ge=0, le=999)]
ServiceYear = Annotated[int, Field(ge=0, le=60)]
VestingSchedule = Annotated[
    Literal["immediate", "cliff_1", "cliff_2", "cliff_3", "qaca_2", "graded_2_6"]
    | dict[ServiceYear, LoggedRate],
    rule(plan_rules.check_vesting),
]

FORMULA_KEYS: dict[str, dict[str, frozenset[str]]] = {
    "match": {
        "none": frozenset(),
        "tiers": frozenset({"tiers", "dollar_cap"}),
        "service_graded": frozenset({"bands", "dollar_cap"}),
        "points": frozenset({"bands", "dollar_cap"}),
    },
    "nonelective": {
        "none": frozenset(),
        "flat": frozenset({"rate"}),
        "service_graded": frozenset({"bands"}),
        "permitted_disparity": frozenset({"rate", "excess_rate"}),
    },
    "profit_sharing": {"none": frozenset(), "pro_rata": frozenset({"share_of_pay"})},
}
"""Section → formula → the keys that the formula reads; the others must be neutral."""

NEUTRAL: dict[str, Any] = {
    "tiers": (),
    "bands": (),
    "dollar_cap": None,
    "rate": Decimal(0),
    "excess_rate": Decimal(0),
    "share_of_pay": Decimal(0),
}
"""Value of a formula key that says nothing."""


def unread_keys(section: str, formula: str) -> frozenset[str]:
    """Formula keys of `section` that `formula` does not read; empty for an unknown formula."""
    formulas = FORMULA_KEYS[section]
    if formula not in formulas:
        return frozenset()
    return frozenset().union(*formulas.values()) - formulas[formula]


def _dead_keys(section: str, values: Section, formula: str) -> Iterator[Violation]:
    for key in sorted(unread_keys(section, formula)):
        if getattr(values, key) != NEUTRAL[key]:
            yield Violation(
                (key,),
                f"is not read by plan.{section}.formula = {formula}: remove it or choose the "
                "formula that reads it",
            )


class Eligibility(Section):
    """Who may enter the plan and when (IRC 410(a))."""

    minimum_age: int = Field(21, ge=0, le=21, description="Years; at most 21 (410(a)(1)(A)(i)).")
    service_months: int = Field(
        0, ge=0, le=12, description="Months of service; at most 12 (410(a)(1)(A)(ii))."
    )
    hours_required: int = Field(
        0, ge=0, le=1000, description="Hours in the 12-month period; at most 1,000 (410(a)(3)(A))."
    )
    entry_dates: Literal["immediate", "monthly", "quarterly", "semiannual", "annual"] = Field(
        "immediate",
        description="Entry on the date coincident with or next following satisfaction.",
    )


class AutomaticEnrollment(Section):
    """Default elections (IRC 414(w))."""

    enabled: bool = Field(True, description="Whether employees are enrolled by default.")
    scope: Literal["new_hires", "all_eligible"] = Field(
        "new_hires", description="Whom the default covers."
    )
    default_rate: Rate = Field(Decimal("0.06"), description="Default deferral, share of pay.")
    wait_days: int = Field(30, ge=0, le=365, description="Days from entry to the first default.")
    opt_out_window_days: int = Field(
        90, ge=30, le=90, description="Permissible withdrawal, 30 to 90 days (414(w)(2)(B))."
    )

    @model_validator(mode="after")
    def _enrolls_at_a_rate(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        if self.enabled and self.default_rate == 0:
            yield Violation(
                ("default_rate",), "must be above 0, or set automatic_enrollment.enabled to false"
            )


class Escalation(Section):
    """Automatic increase; it never lowers a rate."""

    enabled: bool = Field(True, description="Whether rates increase automatically.")
    step: Rate = Field(Decimal("0.01"), description="Increase a year, share of pay.")
    cap: Rate = Field(Decimal("0.10"), description="Rate at which increases stop, share of pay.")
    first_increase: Literal["next_plan_year", "after_one_full_year"] = Field(
        "after_one_full_year", description="When the first increase falls."
    )


class Deferrals(Section):
    """What employees may defer (IRC 401(k), 402(g), 414(v))."""

    roth: bool = Field(True, description="Whether Roth deferrals are offered.")
    catch_up: bool = Field(True, description="Whether catch-up at 50 is offered (414(v)).")
    super_catch_up: bool = Field(
        True, description="Whether the higher catch-up at 60-63 is offered (414(v)(2)(E))."
    )
    maximum_rate: Rate = Field(
        Decimal("0.75"),
        gt=0,
        description="Highest deferral the plan allows, share of pay; catch-up may exceed it.",
    )


class MatchTier(Section):
    """`rate` on deferrals from the previous tier's end up to `up_to`."""

    rate: MatchRate = Field(description="Employer dollars per employee dollar.")
    up_to: Rate = Field(gt=0, description="End of the tier, deferral as a share of pay.")


Tiers = Annotated[tuple[MatchTier, ...], Field(strict=False), rule(plan_rules.check_tiers)]


class MatchBand(Section):
    """Tiers for one band of service years or points, [from, to)."""

    from_: BandEdge = Field(alias="from", description="Least service years or points.")
    to: BandEdge | None = Field(description="First value above the band; null in the last.")
    tiers: Tiers = Field(description="Tiers of the band; an empty list matches nothing.")


class MatchEligibility(Section):
    """Conditions for a year's match; refused for safe-harbor money (IRC 401(k)(12), (13))."""

    last_day: bool = Field(False, description="Employed on 31 December.")
    hours: int = Field(0, ge=0, le=1000, description="Hours worked in the year.")
    service_months: int = Field(
        0,
        ge=0,
        le=24,
        description="Months of service; above 12 only when vested immediately (410(a)(1)(B)(i)).",
    )


class Match(Section):
    """Employer match (IRC 401(m))."""

    formula: Literal["none", "tiers", "service_graded", "points"] = Field(
        "tiers", description="Which family of match."
    )
    tiers: Tiers = Field(
        (), description="Each tier matches deferrals from where the one before ends."
    )
    bands: tuple[MatchBand, ...] = Field(
        default=(),
        strict=False,
        description="Bands of service_graded (completed years) or "
        "points (age + service, whole years at 31 December).",
    )
    dollar_cap: Money | None = Field(None, description="Most match a year, dollars.")
    frequency: Literal["payroll", "annual"] = Field(
        "payroll", description="Evaluated on each pay date or on year totals."
    )
    true_up: bool = Field(True, description="Pay the difference to the annual match at year end.")
    on_catch_up: bool = Field(True, description="Whether catch-up deferrals are matched.")
    eligibility: MatchEligibility = Field(MatchEligibility(), description="Conditions.")
    safe_harbor: Literal["none", "basic", "enhanced", "qaca"] = Field(
        "none", description="Claimed safe harbor (IRC 401(k)(12)(B), 401(k)(13))."
    )

    @model_validator(mode="before")
    @classmethod
    def _default_tiers(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("formula", "tiers") == "tiers":
            return {"tiers": [{"rate": Decimal("0.50"), "up_to": Decimal("0.06")}], **data}
        return data

    @model_validator(mode="after")
    def _formula(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        yield from _dead_keys("match", self, self.formula)
        if self.formula == "tiers" and not self.tiers:
            yield Violation(("tiers",), "formula tiers needs at least one tier")
        if self.formula in ("service_graded", "points"):
            if not self.bands:
                yield Violation(("bands",), f"formula {self.formula} needs at least one band")
            nobody_beyond = 75 if self.formula == "service_graded" else 150
            bands = check_bands(self.bands, "from_", "to", nobody_beyond)
            yield from within(("bands",), bands)


class NonelectiveBand(Section):
    """Nonelective rate for one band of completed service years, [from, to)."""

    from_: BandEdge = Field(alias="from", description="Least completed service, years.")
    to: BandEdge | None = Field(description="First service above the band; null in the last.")
    rate: Rate = Field(description="Share of plan compensation.")


class Nonelective(Section):
    """Employer nonelective contribution; permitted_disparity is that of IRC 401(l)."""

    formula: Literal["none", "flat", "service_graded", "permitted_disparity"] = Field(
        "none", description="Which family of nonelective contribution."
    )
    rate: Rate = Field(Decimal(0), description="Flat or base rate, share of plan compensation.")
    bands: tuple[NonelectiveBand, ...] = Field(
        default=(), strict=False, description="Bands of service_graded."
    )
    excess_rate: Rate = Field(
        Decimal(0), description="Additional rate above the taxable wage base (401(l)(2))."
    )

    @model_validator(mode="after")
    def _formula(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        yield from _dead_keys("nonelective", self, self.formula)
        if self.formula == "service_graded":
            if not self.bands:
                yield Violation(("bands",), "formula service_graded needs at least one band")
            yield from within(("bands",), check_bands(self.bands, "from_", "to", 75))
        if self.formula == "permitted_disparity":
            yield from plan_rules.check_permitted_disparity(self.rate, self.excess_rate)


class ProfitSharing(Section):
    """Profit sharing allocated pro rata to plan compensation."""

    formula: Literal["none", "pro_rata"] = Field("none", description="Whether there is any.")
    share_of_pay: Rate = Field(
        Decimal(0), description="Pool as a share of total plan compensation."
    )

    @model_validator(mode="after")
    def _formula(self) -> Self:
        require(_dead_keys("profit_sharing", self, self.formula))
        return self


class Vesting(Section):
    """Vesting of employer money (IRC 411(a)(2)(B)).

    A schedule is a name or a table of completed service years to vested share, such as
    `{0: 0, 1: 0.25, 2: 0.5, 3: 1}`; a year left out keeps the share of the year before.
    """

    employer_match: VestingSchedule = Field("graded_2_6", description="Schedule of the match.")
    employer_nonelective: VestingSchedule = Field(
        "cliff_3", description="Schedule of nonelective contributions."
    )
    employer_profit_sharing: VestingSchedule = Field(
        "cliff_3", description="Schedule of profit sharing."
    )
    service: Literal["elapsed_time", "hours"] = Field(
        "elapsed_time", description="How vesting service is counted."
    )
    normal_retirement_age: int = Field(
        65, ge=50, le=65, description="Age of full vesting, years; at most 65 (411(a)(8))."
    )


class Forfeitures(Section):
    """Leavers' unvested money and small balances (IRC 411(a)(6), 411(a)(11))."""

    use: Literal["reduce_employer_contributions", "pay_expenses", "reallocate"] = Field(
        "reduce_employer_contributions", description="What forfeitures pay for."
    )
    distribution_delay_days: int = Field(
        0,
        ge=0,
        le=1825,
        description="Days from exit to distribution; below five years, when "
        "breaks in service forfeit anyway.",
    )
    cash_out_limit: Money = Field(
        Decimal(7000),
        le=7000,
        description="Vested balance paid out without consent, dollars; "
        "at most 7,000 (411(a)(11)(A)), and 5,000 in payments before 2024.",
    )


class Compliance(Section):
    """Choices of the nondiscrimination tests (IRC 401(k)(3), 401(m)(2), 414(q))."""

    adp_acp_method: Literal["current", "prior"] = Field(
        "current", description="Year of the NHCE averages in ADP and ACP (401(k)(3)(A))."
    )
    top_paid_group: bool = Field(
        False, description="Elects the top-paid group for HCE status (414(q)(1)(B)(ii))."
    )


class Balances(Section):
    """Growth of accounts."""

    annual_return: Return = Field(Decimal("0.06"), description="Return a year, compounded daily.")


class PlanDesign(Section):
    """A plan design; every key has the default of the public contract."""

    plan_design_id: Id = Field("standard_401k", description="Names the plan design.")
    plan_id: str = Field("401K", min_length=1, description="The sponsor's plan identifier.")
    eligibility: Eligibility = Field(Eligibility(), description="Eligibility and entry.")
    automatic_enrollment: AutomaticEnrollment = Field(
        AutomaticEnrollment(), description="Default elections."
    )
    escalation: Escalation = Field(Escalation(), description="Automatic increase.")
    deferrals: Deferrals = Field(Deferrals(), description="What employees may defer.")
    match: Match = Field(Match(), description="Employer match.")
    nonelective: Nonelective = Field(Nonelective(), description="Nonelective contribution.")
    profit_sharing: ProfitSharing = Field(ProfitSharing(), description="Profit sharing.")
    vesting: Vesting = Field(Vesting(), description="Vesting of employer money.")
    forfeitures: Forfeitures = Field(Forfeitures(), description="Forfeitures and cash-outs.")
    compliance: Compliance = Field(Compliance(), description="Nondiscrimination tests.")
    balances: Balances = Field(Balances(), description="Growth of accounts.")

    @model_validator(mode="after")
    def _statutory(self) -> Self:
        require(plan_rules.check_design(self))
        return self

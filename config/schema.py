"""`SimulationConfig`: every setting of a run, with its unit, bounds and rule.

The values live in `simulation_config.yaml`; the model holds no defaults of its own, except those
of a plan design (`plan_design.py`), which the public contract fixes.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.behavior import Behavior
from config.plan_design import PlanDesign
from config.quantities import (
    Age,
    AnnualPay,
    CpiGrowth,
    Elements,
    Growth,
    Hours,
    Id,
    Multiplier,
    OpenRate,
    Rate,
    Section,
    Weight,
    Years,
)
from config.rules import (
    Violation,
    check_weights,
    contiguous,
    require,
    rule,
    unique,
    weights,
)

FIRST_YEAR, LAST_YEAR = 2014, 2063
FIRST_SIMULATED_YEAR = FIRST_YEAR + 1
"""Highly compensated status looks at the limits of the year before (IRC 414(q))."""
_COMMON_YEAR = 2023

Month = Annotated[int, Field(ge=1, le=12)]
MonthWeights = Annotated[
    tuple[Weight, ...], Field(min_length=12, max_length=12, strict=False), rule(check_weights)
]


def month_end(month: int) -> int:
    """Last day of the month in a year without 29 February."""
    return monthrange(_COMMON_YEAR, month)[1]


class Simulation(Section):
    """Years, seed and growth target."""

    start_year: int = Field(
        ge=FIRST_SIMULATED_YEAR,
        le=LAST_YEAR,
        description="First simulated calendar year; the census is as of 31 December before it.",
    )
    end_year: int = Field(
        ge=FIRST_YEAR, le=LAST_YEAR, description="Last simulated calendar year, inclusive."
    )
    random_seed: int = Field(
        ge=0, le=2**31 - 1, description="Seed of every draw; equal seeds give equal results."
    )
    target_growth_rate: Growth = Field(
        description="Growth of closing over opening headcount, share a year."
    )

    @property
    def census_date(self) -> date:
        """31 December before the first simulated year, the day that the census describes."""
        return date(self.start_year - 1, 12, 31)

    @model_validator(mode="after")
    def _year_order(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        if self.end_year < self.start_year:
            yield Violation(
                ("end_year",), f"must not be before simulation.start_year ({self.start_year})"
            )


class AgeBand(Section):
    """Hazard multipliers of one age band, [min_age, max_age)."""

    band: str = Field(min_length=1, description="Name shown in tables.")
    min_age: Age = Field(description="Youngest age in the band, years at 31 December.")
    max_age: Age | None = Field(description="First age above the band; null in the last.")
    termination_multiplier: Multiplier = Field(
        description="Factor on the chance to leave; only the proportions between bands matter."
    )
    promotion_multiplier: Multiplier = Field(description="Factor on promotion_probability.")


class TenureBand(Section):
    """Hazard multipliers of one tenure band, [min_tenure, max_tenure)."""

    band: str = Field(min_length=1, description="Name shown in tables.")
    min_tenure: Years = Field(description="Least completed service in the band, years.")
    max_tenure: Years | None = Field(description="First tenure above the band; null in the last.")
    termination_multiplier: Multiplier = Field(
        description="Factor on the chance to leave; only the proportions between bands matter."
    )
    promotion_multiplier: Multiplier = Field(description="Factor on promotion_probability.")


class TerminationReasons(Section):
    """Shares of the reasons among leavers who do not retire; they sum to 1."""

    voluntary: Rate = Field(description="Share of leavers who resign.")
    involuntary: Rate = Field(description="Share of leavers who are dismissed.")
    death: Rate = Field(description="Share of leavers who die.")
    disability: Rate = Field(description="Share of leavers who become disabled.")

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        total = self.voluntary + self.involuntary + self.death + self.disability
        if total != 1:
            yield Violation((), f"shares must sum to 1, but sum to {total.normalize():f}")


class NewHireAge(Section):
    """One age of the new-hire age distribution."""

    age: int = Field(ge=14, le=80, description="Age on the day of hire.")
    weight: Weight = Field(description="Relative frequency of the age among hires.")


def _someone_can_leave(bands: Sequence[AgeBand | TenureBand]) -> Iterator[Violation]:
    if not any(band.termination_multiplier for band in bands):
        yield Violation((), "every termination_multiplier is zero: nobody could be chosen to leave")


AgeBands = Annotated[
    tuple[AgeBand, ...],
    Elements,
    contiguous("min_age", "max_age"),
    unique("band"),
    rule(_someone_can_leave),
]
TenureBands = Annotated[
    tuple[TenureBand, ...],
    Elements,
    contiguous("min_tenure", "max_tenure"),
    unique("band"),
    rule(_someone_can_leave),
]
NewHireAges = Annotated[tuple[NewHireAge, ...], Elements, unique("age"), weights("weight")]


class Workforce(Section):
    """Who leaves, who is hired."""

    total_termination_rate: Rate = Field(
        description="Experienced terminations as a share of the opening headcount, a year."
    )
    new_hire_termination_rate: OpenRate = Field(
        description="Share of the year's hires who leave in that year; below 1."
    )
    termination_mode: Literal["exact", "hazard"] = Field(
        description="exact: the solved number leaves; hazard: independent draws with that mean."
    )
    retirement_minimum_age: Age = Field(
        description="A leaver of this age (and tenure) leaves by retirement; years."
    )
    retirement_minimum_tenure: Years = Field(
        description="Least completed service for the reason retirement; years."
    )
    termination_reasons: TerminationReasons = Field(
        description="Shares of the other reasons; sum to 1."
    )
    new_hire_hours_per_week: Hours = Field(description="Scheduled hours of a new hire, a week.")
    age_bands: AgeBands = Field(description="Age bands from 0, without gap or overlap.")
    tenure_bands: TenureBands = Field(description="Tenure bands from 0, without gap or overlap.")
    hire_months: MonthWeights = Field(description="Weights of the hire month, January first.")
    new_hire_ages: NewHireAges = Field(description="Age distribution of hires.")


def workforce_warnings(workforce: Workforce) -> Iterator[str]:
    """Findings that do not stop a run: settings that nobody can come under."""
    first = workforce.tenure_bands[0]
    if first.max_tenure == 1 and first.termination_multiplier != 1:
        yield (
            f"workforce.tenure_bands: the termination_multiplier of band {first.band} has no "
            "effect: only hires of the year have this tenure, and "
            "workforce.new_hire_termination_rate says how many of them leave"
        )


class Promotion(Section):
    """When promotions happen and who may be promoted."""

    month: Month = Field(description="Month of the promotion date.")
    day: int = Field(ge=1, le=31, description="Day of the promotion date.")
    minimum_tenure: Years = Field(description="Least completed service for a promotion; years.")
    maximum_age: Age = Field(description="Promoted only below this age; years.")

    @model_validator(mode="after")
    def _date_exists(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        if self.day > month_end(self.month):
            yield Violation(
                ("day",),
                f"month {self.month} does not have it in every year: at most "
                f"{month_end(self.month)}",
            )


class Merit(Section):
    """When merit raises take effect and who gets one."""

    day: int = Field(ge=1, le=31, description="Day of the month of merit raises.")
    months: MonthWeights = Field(
        description="Weights of the month in which a person's merit raise falls, January first."
    )
    minimum_tenure: Years = Field(description="Least completed service for a merit raise; years.")

    @model_validator(mode="after")
    def _dates_exist(self) -> Self:
        require(self._violations())
        return self

    def _violations(self) -> Iterator[Violation]:
        for month, weight in enumerate(self.months, start=1):
            if weight and self.day > month_end(month):
                yield Violation(
                    ("day",),
                    f"month {month} has a merit weight but at most {month_end(month)} days",
                )


class JobLevel(Section):
    """A job level and its pay range."""

    level_id: int = Field(ge=1, le=50, description="1 is the lowest; contiguous.")
    name: str = Field(min_length=1, description="Name shown in tables.")
    minimum_compensation: AnnualPay = Field(description="Bottom of the pay range, dollars a year.")
    maximum_compensation: AnnualPay = Field(description="Top of the pay range, dollars a year.")
    new_hire_weight: Weight = Field(description="Relative frequency of the level among hires.")


def _rising_levels(levels: Sequence[JobLevel]) -> Iterator[Violation]:
    floor = None
    for index, level in enumerate(levels):
        low, high = level.minimum_compensation, level.maximum_compensation
        if level.level_id != index + 1:
            yield Violation((index, "level_id"), f"must be {index + 1}: contiguous ids from 1")
        if high <= low:
            yield Violation(
                (index, "maximum_compensation"), f"must be above minimum_compensation ({low})"
            )
        if floor is not None and low <= floor:
            yield Violation(
                (index, "minimum_compensation"), f"must be above the level below's ({floor})"
            )
        floor = low


JobLevels = Annotated[
    tuple[JobLevel, ...], Elements, rule(_rising_levels), weights("new_hire_weight")
]


class Compensation(Section):
    """Pay events and pay ranges; the raises themselves are levers (comp_levers.csv)."""

    compounding: Literal["sequential", "cola_plus_merit"] = Field(
        description="sequential: raises compound in order of date; cola_plus_merit: merit is "
        "computed on the rate before the year's COLA."
    )
    promotion: Promotion = Field(description="Promotion date and conditions.")
    merit: Merit = Field(description="Merit timing and conditions.")
    job_levels: JobLevels = Field(description="Levels from 1 upwards.")


class Payroll(Section):
    """Pay dates."""

    frequency: Literal["weekly", "biweekly", "semimonthly", "monthly", "annual"] = Field(
        description="How often pay, deferrals and per-payroll match are posted."
    )


class Limits(Section):
    """Indexing of limits beyond the published years."""

    assumed_cpi_growth: CpiGrowth = Field(
        description="Growth of the CPI-U a year beyond the last published third quarter "
        "(IRC 415(d))."
    )


class SimulationConfig(Section):
    """All settings of one run, validated."""

    scenario_id: Id = Field(description="Names the scenario: its file, levers and results.")
    plan_design_id: Id = Field(description="Names the plan design of the run.")
    simulation: Simulation = Field(description="Years, seed and growth.")
    workforce: Workforce = Field(description="Exits and hires.")
    compensation: Compensation = Field(description="Pay events and pay ranges.")
    payroll: Payroll = Field(description="Pay dates.")
    limits: Limits = Field(description="Indexing of the IRS limits.")
    behavior: Behavior = Field(description="Elections of employees.")
    plan: PlanDesign = Field(description="The plan design in force.")

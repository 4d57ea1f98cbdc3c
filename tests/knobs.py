"""Every knob of the settings and how to move it: the table behind `test_no_dead_knobs.py`.

A knob is the dotted path of a setting; `*` stands for every element of a list. A knob that matters
only under another setting is moved in a base scenario in which it matters.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from config.schema import SimulationConfig
from config.schema_paths import all_settings, element_section, fields_of, is_list

YEARS = (2025, 2027)

GRADED_BANDS = (
    "[{from: 0, to: 3, tiers: [{rate: 0.3, up_to: 0.04}]},"
    " {from: 3, to: null, tiers: [{rate: 0.6, up_to: 0.05}, {rate: 0.2, up_to: 0.08}]}]"
)
POINT_BANDS = GRADED_BANDS.replace("3,", "50,")
SAFE_HARBOR_TIERS = "[{rate: 1, up_to: 0.03}, {rate: 0.5, up_to: 0.05}]"
NEW_HIRE_AGES = [22, 23, 24, 25, 27, 29, 31, 34, 37, 41, 45, 50, 55, 60]
EQUAL_LEVELS = tuple(f"compensation.job_levels.{index}.new_hire_weight=1" for index in range(5))

BASES: dict[str, tuple[str, ...]] = {
    "standard": (),
    "many hires": (
        "simulation.target_growth_rate=1",
        f"workforce.new_hire_ages=[{', '.join(f'{{age: {a}, weight: 1}}' for a in NEW_HIRE_AGES)}]",
        *EQUAL_LEVELS,
    ),
    "hires and promotions at every level": (
        "simulation.target_growth_rate=0.1",
        *EQUAL_LEVELS,
        *(f"workforce.age_bands.{index}.promotion_multiplier=6" for index in range(6)),
    ),
    "many exits": ("workforce.total_termination_rate=0.5",),
    "promotions at any age": (
        "compensation.promotion.maximum_age=120",
        "compensation.promotion.minimum_tenure=0",
    ),
    "everybody promotable": tuple(
        f"workforce.age_bands.{index}.promotion_multiplier=100" for index in range(6)
    ),
    "voluntary": ("plan.automatic_enrollment.enabled=false",),
    "opt-outs": ("behavior.opt_out_rate=0.6",),
    "escalation next year": ("plan.escalation.first_increase=next_plan_year",),
    "contrasts": (
        *(
            f"behavior.income_bands.{index}.automatic_participation={index % 2}"
            for index in range(7)
        ),
        *(
            f"behavior.age_bands.{index}.mean_deferral_rate={index % 2 * 0.2 + 0.02}"
            for index in range(6)
        ),
        *(
            f"behavior.tenure_bands.{index}.change_multiplier={index % 2 * 20}"
            for index in range(4)
        ),
    ),
    "two tiers": ("plan.match.tiers=[{rate: 1, up_to: 0.02}, {rate: 0.5, up_to: 0.05}]",),
    "graded match": ("plan.match.formula=service_graded", f"plan.match.bands={GRADED_BANDS}"),
    "point match": ("plan.match.formula=points", f"plan.match.bands={POINT_BANDS}"),
    "safe-harbor rates": (
        f"plan.match.tiers={SAFE_HARBOR_TIERS}",
        "plan.vesting.employer_match=immediate",
    ),
    "flat nonelective": ("plan.nonelective.formula=flat", "plan.nonelective.rate=0.03"),
    "graded nonelective": (
        "plan.nonelective.formula=service_graded",
        "plan.nonelective.bands=[{from: 0, to: 4, rate: 0.01}, {from: 4, to: null, rate: 0.03}]",
    ),
    "permitted disparity": (
        "plan.nonelective.formula=permitted_disparity",
        "plan.nonelective.rate=0.04",
        "plan.nonelective.excess_rate=0.02",
    ),
    "profit sharing": (
        "plan.profit_sharing.formula=pro_rata",
        "plan.profit_sharing.share_of_pay=0.02",
    ),
}


@dataclass(frozen=True)
class Perturbation:
    """Overrides on a base scenario that must change the output, or be refused when so declared."""

    base: str
    overrides: tuple[str, ...]
    is_refused: bool = False

    @property
    def all_overrides(self) -> tuple[str, ...]:
        return (*BASES[self.base], *self.overrides)


@dataclass(frozen=True)
class To:
    """The knob takes each of the values in turn, with `also` set to make the design legal."""

    values: tuple[Any, ...]
    base: str = "standard"
    also: tuple[str, ...] = ()
    is_refused: bool = False

    def perturbations(self, knob: str, settings: Any) -> Iterator[Perturbation]:
        for value in self.values:
            yield Perturbation(self.base, (*self.also, f"{knob}={value}"), self.is_refused)


@dataclass(frozen=True)
class Each:
    """Every element's value moves, one at a time."""

    move: Callable[[Any], Any]
    base: str = "standard"
    is_refused: bool = False

    def perturbations(self, knob: str, settings: Any) -> Iterator[Perturbation]:
        for path, value in _elements(knob, settings):
            moved = self.move(value)
            yield Perturbation(self.base, (f"{path}={moved}",), self.is_refused)


@dataclass(frozen=True)
class Edge:
    """The edge between two bands moves. As the lower end of a band it moves with the upper end of
    the band below; alone, or at the outer ends, it would leave a gap or an overlap."""

    low: str
    high: str
    move: Callable[[Any], Any]
    base: str = "standard"

    def perturbations(self, knob: str, settings: Any) -> Iterator[Perturbation]:
        bands, _, name = knob.rpartition(".*.")
        starts = [value for _, value in _elements(f"{bands}.*.{self.low}", settings)]
        for index, start in enumerate(starts):
            moved = self.move(start)
            alone = f"{bands}.{index}.{name}={moved}"
            if name == self.low and index > 0:
                below = f"{bands}.{index - 1}.{self.high}={moved}"
                yield Perturbation(self.base, (alone, below))
            else:
                yield Perturbation(self.base, (alone,), is_refused=True)


Move = To | Each | Edge


def to(*values: Any, base: str = "standard", also: tuple[str, ...] = ()) -> tuple[Move, ...]:
    return (To(values, base, also),)


def each(move: Callable[[Any], Any], base: str = "standard") -> tuple[Move, ...]:
    return (Each(move, base),)


def plus(step: int) -> Callable[[int], int]:
    return lambda value: value + step


def times(factor: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value * Decimal(factor)


def constant(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def the_other_extreme(share: Decimal) -> int:
    return 1 if share < Decimal("0.5") else 0


AGE_EDGE = (Edge("min_age", "max_age", plus(3)),)
TENURE_EDGE = (Edge("min_tenure", "max_tenure", plus(1)),)
CHOICE_AGE_EDGE = (Edge("min_age", "max_age", plus(3), "contrasts"),)
CHOICE_TENURE_EDGE = (Edge("min_tenure", "max_tenure", plus(1), "contrasts"),)
PAY_EDGE = (Edge("min_pay", "max_pay", lambda pay: pay * Decimal("0.8") + 1, "contrasts"),)
CUSTOM_VESTING = "{0: 0, 1: 0.5, 2: 1}"

KNOBS: dict[str, tuple[Move, ...]] = {
    "scenario_id": to("another"),
    "plan_design_id": to("stretch_match"),
    "simulation.start_year": to(2026),
    "simulation.end_year": to(2028),
    "simulation.random_seed": to(43),
    "simulation.target_growth_rate": to(0.1, -0.2),
    "workforce.total_termination_rate": to(0.2),
    "workforce.new_hire_termination_rate": to(0.5),
    "workforce.termination_mode": to("hazard"),
    "workforce.retirement_minimum_age": to(50, base="many exits"),
    "workforce.retirement_minimum_tenure": to(25, base="many exits"),
    "workforce.termination_reasons.voluntary": to(
        0.2, base="many exits", also=("workforce.termination_reasons.involuntary=0.76",)
    ),
    "workforce.termination_reasons.involuntary": to(
        0.56, base="many exits", also=("workforce.termination_reasons.voluntary=0.40",)
    ),
    "workforce.termination_reasons.death": to(
        0.41, base="many exits", also=("workforce.termination_reasons.voluntary=0.30",)
    ),
    "workforce.termination_reasons.disability": to(
        0.43, base="many exits", also=("workforce.termination_reasons.voluntary=0.30",)
    ),
    "workforce.new_hire_hours_per_week": to(10),
    "workforce.age_bands.*.band": each(lambda name: f"'{name} renamed'"),
    "workforce.age_bands.*.min_age": AGE_EDGE,
    "workforce.age_bands.*.max_age": AGE_EDGE,
    "workforce.age_bands.*.termination_multiplier": each(times("20")),
    "workforce.age_bands.*.promotion_multiplier": each(times("50"), "promotions at any age"),
    "workforce.tenure_bands.*.band": each(lambda name: f"'{name} renamed'"),
    "workforce.tenure_bands.*.min_tenure": TENURE_EDGE,
    "workforce.tenure_bands.*.max_tenure": TENURE_EDGE,
    "workforce.tenure_bands.*.termination_multiplier": each(times("20")),
    "workforce.tenure_bands.*.promotion_multiplier": each(times("50"), "promotions at any age"),
    "workforce.hire_months.*": each(constant(5)),
    "workforce.new_hire_ages.*.age": each(constant(70), "many hires"),
    "workforce.new_hire_ages.*.weight": each(constant(20), "many hires"),
    "compensation.compounding": to("cola_plus_merit"),
    "compensation.promotion.month": to(6, base="everybody promotable"),
    "compensation.promotion.day": to(20, base="everybody promotable"),
    "compensation.promotion.minimum_tenure": to(6, base="everybody promotable"),
    "compensation.promotion.maximum_age": to(45, base="everybody promotable"),
    "compensation.merit.day": to(15),
    "compensation.merit.months.*": each(constant(5)),
    "compensation.merit.minimum_tenure": to(5),
    "compensation.job_levels.*.level_id": (Each(constant(9), is_refused=True),),
    "compensation.job_levels.*.minimum_compensation": each(times("1.1"), "many hires"),
    "compensation.job_levels.*.maximum_compensation": each(times("1.2"), "many hires"),
    "compensation.job_levels.*.new_hire_weight": each(constant(20), "many hires"),
    "payroll.frequency": to("weekly", "biweekly", "semimonthly", "annual"),
    "limits.assumed_cpi_growth": to(0.1),
    "behavior.frozen": to("true"),
    "behavior.opt_out_rate": to(0.5),
    "behavior.affirmative_election_rate": to(0.9),
    "behavior.new_hire_voluntary_factor": to(3, base="voluntary"),
    "behavior.annual_enrollment_factor": to(3),
    "behavior.stop_rate": to(0.5),
    "behavior.decrease_rate": to(0.5),
    "behavior.increase_rate": to(0.6),
    "behavior.escalation_acceptance_rate": to(0, base="escalation next year"),
    "behavior.match_attraction": to(1),
    "behavior.roth_election_rate": to(0.9),
    "behavior.distribution_election_rate": to(0, 1),
    "behavior.income_bands.*.min_pay": PAY_EDGE,
    "behavior.income_bands.*.max_pay": PAY_EDGE,
    "behavior.income_bands.*.voluntary_participation": each(the_other_extreme, "voluntary"),
    "behavior.income_bands.*.automatic_participation": each(the_other_extreme),
    "behavior.income_bands.*.change_multiplier": each(constant(20)),
    "behavior.age_bands.*.min_age": CHOICE_AGE_EDGE,
    "behavior.age_bands.*.max_age": CHOICE_AGE_EDGE,
    "behavior.age_bands.*.mean_deferral_rate": each(constant("0.4")),
    "behavior.age_bands.*.change_multiplier": each(constant(20)),
    "behavior.tenure_bands.*.min_tenure": CHOICE_TENURE_EDGE,
    "behavior.tenure_bands.*.max_tenure": CHOICE_TENURE_EDGE,
    "behavior.tenure_bands.*.change_multiplier": each(constant(20)),
    "plan.plan_design_id": to("another_design"),
    "plan.plan_id": to("another plan"),
    "plan.eligibility.minimum_age": to(18),
    "plan.eligibility.service_months": to(12),
    "plan.eligibility.hours_required": to(1000),
    "plan.eligibility.entry_dates": to("monthly", "quarterly", "semiannual", "annual"),
    "plan.automatic_enrollment.enabled": to("false"),
    "plan.automatic_enrollment.scope": to("all_eligible"),
    "plan.automatic_enrollment.default_rate": to(0.03),
    "plan.automatic_enrollment.wait_days": to(60),
    "plan.automatic_enrollment.opt_out_window_days": to(30, base="opt-outs"),
    "plan.escalation.enabled": to("false", base="escalation next year"),
    "plan.escalation.step": to(0.03, base="escalation next year"),
    "plan.escalation.cap": to(0.065, base="escalation next year"),
    "plan.escalation.first_increase": to("next_plan_year"),
    "plan.deferrals.roth": to("false"),
    "plan.deferrals.catch_up": to("false"),
    "plan.deferrals.super_catch_up": to("false"),
    "plan.deferrals.maximum_rate": to(0.1),
    "plan.match.formula": (
        *to("none"),
        *to("service_graded", also=(f"plan.match.bands={GRADED_BANDS}",)),
        *to("points", also=(f"plan.match.bands={POINT_BANDS}",)),
    ),
    "plan.match.tiers.*.rate": each(times("1.5"), "two tiers"),
    "plan.match.tiers.*.up_to": each(times("1.2"), "two tiers"),
    "plan.match.bands.*.from": (
        Edge("from", "to", plus(2), "graded match"),
        Edge("from", "to", plus(15), "point match"),
    ),
    "plan.match.bands.*.to": (
        Edge("from", "to", plus(2), "graded match"),
        Edge("from", "to", plus(15), "point match"),
    ),
    "plan.match.bands.*.tiers.*.rate": (
        Each(times("1.5"), "graded match"),
        Each(times("1.5"), "point match"),
    ),
    "plan.match.bands.*.tiers.*.up_to": (
        Each(times("1.2"), "graded match"),
        Each(times("1.2"), "point match"),
    ),
    "plan.match.dollar_cap": to(1500),
    "plan.match.frequency": to("annual"),
    "plan.match.true_up": to("false"),
    "plan.match.on_catch_up": to("false"),
    "plan.match.eligibility.last_day": to("true"),
    "plan.match.eligibility.hours": to(1000),
    "plan.match.eligibility.service_months": to(12),
    "plan.match.safe_harbor": (
        *to("basic", "enhanced", base="safe-harbor rates"),
        *to("qaca", base="safe-harbor rates"),
    ),
    "plan.nonelective.formula": (
        *to("flat", also=("plan.nonelective.rate=0.02",)),
        *to("service_graded", also=("plan.nonelective.bands=[{from: 0, to: null, rate: 0.02}]",)),
        *to(
            "permitted_disparity",
            base="flat nonelective",
            also=("plan.nonelective.excess_rate=0.02",),
        ),
    ),
    "plan.nonelective.rate": (
        *to(0.05, base="flat nonelective"),
        *to(0.05, base="permitted disparity"),
    ),
    "plan.nonelective.bands.*.from": (Edge("from", "to", plus(3), "graded nonelective"),),
    "plan.nonelective.bands.*.to": (Edge("from", "to", plus(3), "graded nonelective"),),
    "plan.nonelective.bands.*.rate": each(times("1.5"), "graded nonelective"),
    "plan.nonelective.excess_rate": to(0.03, base="permitted disparity"),
    "plan.profit_sharing.formula": to("pro_rata", also=("plan.profit_sharing.share_of_pay=0.01",)),
    "plan.profit_sharing.share_of_pay": to(0.03, base="profit sharing"),
    "plan.vesting.employer_match": to(
        "immediate", "cliff_1", "cliff_2", "cliff_3", "qaca_2", CUSTOM_VESTING
    ),
    "plan.vesting.employer_nonelective": to(
        *("immediate", "cliff_1", "cliff_2", "qaca_2", "graded_2_6", CUSTOM_VESTING),
        base="flat nonelective",
    ),
    "plan.vesting.employer_profit_sharing": to(
        *("immediate", "cliff_1", "cliff_2", "qaca_2", "graded_2_6", CUSTOM_VESTING),
        base="profit sharing",
    ),
    "plan.vesting.service": to("hours"),
    "plan.vesting.normal_retirement_age": to(55),
    "plan.forfeitures.use": to("pay_expenses", "reallocate"),
    "plan.forfeitures.distribution_delay_days": to(400),
    "plan.forfeitures.cash_out_limit": to(100),
    "plan.compliance.adp_acp_method": to("prior"),
    "plan.compliance.top_paid_group": to("true"),
    "plan.balances.annual_return": to(0.02),
}

LABELS = {"compensation.job_levels.*.name": each(lambda name: f"{name} renamed")}
"""Names that no table repeats: readers take them from the published settings."""


def all_knobs() -> list[str]:
    """Every knob of the schema, lists by element."""
    return [
        knob for path, field in all_settings() for knob in _inside(".".join(map(str, path)), field)
    ]


def perturbations(knob: str, settings_of: Callable[[str], SimulationConfig]) -> list[Perturbation]:
    """What to try on a knob; `settings_of` gives the settings of a base scenario."""
    found: list[Perturbation] = []
    for move in (KNOBS | LABELS)[knob]:
        settings = settings_of(move.base).model_dump(by_alias=True)
        found.extend(move.perturbations(knob, settings))
    return found


def _inside(path: str, field: Any) -> Iterator[str]:
    if not is_list(field.annotation):
        yield path
        return
    section = element_section(field.annotation)
    if section is None:
        yield f"{path}.*"
        return
    for name, inner in fields_of(section).items():
        yield from _inside(f"{path}.*.{name}", inner)


def _elements(knob: str, settings: Any) -> Iterator[tuple[str, Any]]:
    """Path and value of every element a knob stands for."""
    yield from _walk(knob.split("."), settings, ())


def _walk(keys: list[str], value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not keys:
        yield ".".join(path), value
    elif keys[0] == "*":
        for index, element in enumerate(value):
            yield from _walk(keys[1:], element, (*path, str(index)))
    else:
        yield from _walk(keys[1:], value[keys[0]], (*path, keys[0]))

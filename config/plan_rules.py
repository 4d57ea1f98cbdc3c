"""Conditions the law sets on a plan design, each message with its section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from config.rules import Violation

if TYPE_CHECKING:
    from config.plan_design import MatchTier, PlanDesign

VESTED_SOURCES = ("employer_match", "employer_nonelective", "employer_profit_sharing")

ZERO, ONE = Decimal(0), Decimal(1)
SCHEDULES: dict[str, tuple[Decimal, ...]] = {
    "immediate": (ONE,),
    "cliff_1": (ZERO, ONE),
    "cliff_2": (ZERO, ZERO, ONE),
    "cliff_3": (ZERO, ZERO, ZERO, ONE),
    "qaca_2": (ZERO, ZERO, ONE),
    "graded_2_6": tuple(map(Decimal, ("0", "0", "0.2", "0.4", "0.6", "0.8", "1"))),
}
"""Vested share by completed years of service, from 0 to the first year of 100%."""

_BASIC = ((ONE, Decimal("0.03")), (Decimal("0.5"), Decimal("0.05")))
_QACA = ((ONE, Decimal("0.01")), (Decimal("0.5"), Decimal("0.06")))
_MATCHED_AT_MOST = Decimal("0.06")
_QACA_LEAST = tuple(map(Decimal, ("0.03", "0.03", "0.04", "0.05", "0.06")))
_QACA_MOST = tuple(map(Decimal, ("0.10", "0.10", "0.15", "0.15", "0.15")))
"""Default rates by plan year of participation, the last for all later ones; the first two are the
initial period: it ends with the first plan year that begins after the first default contribution.
"""
_FIRST_INCREASE = {
    "next_plan_year": {2: ""},
    "after_one_full_year": {3: "", 2: " for those enrolled on 1 January"},
}
"""Plan year of participation with the first increase, and for whom it is: on 1 January of the
second a full year is over only for those enrolled on the first day of the first."""


def vesting_table(schedule: str | Mapping[int, Decimal]) -> tuple[Decimal, ...]:
    """Vested share by completed years, dense from 0 to the first year of 100%.

    A custom table keeps the share of the year before for a year left out; years before its first
    are 0.
    """
    if isinstance(schedule, str):
        return SCHEDULES[schedule]
    shares: list[Decimal] = []
    for year in range(max(schedule, default=0) + 1):
        shares.append(schedule.get(year, shares[-1] if shares else ZERO))
        if shares[-1] == 1:
            break
    return tuple(shares)


def at_least_as_fast(table: Sequence[Decimal], statutory: str) -> bool:
    """Whether `table` vests at least the statutory schedule's share in every year."""
    floor = SCHEDULES[statutory]
    return all(table[min(year, len(table) - 1)] >= share for year, share in enumerate(floor))


def check_vesting(schedule: str | Mapping[int, Decimal]) -> Iterator[Violation]:
    """A schedule rises to 100% and is nowhere slower than one of the two statutory ones."""
    if isinstance(schedule, str):
        return
    ordered = [schedule[year] for year in sorted(schedule)]
    table = vesting_table(schedule)
    if not table or table[-1] != 1:
        yield Violation((), "the table must reach 1 (100% vested)")
    elif ordered != sorted(ordered):
        yield Violation((), "the vested share must not fall with service")
    elif not (at_least_as_fast(table, "cliff_3") or at_least_as_fast(table, "graded_2_6")):
        yield Violation(
            (),
            "vests more slowly than the law allows: 100% after 3 years, or at least "
            "20/40/60/80/100% after 2 to 6 years (IRC 411(a)(2)(B))",
        )


def check_tiers(tiers: Sequence[MatchTier]) -> Iterator[Violation]:
    """Each tier ends above the one before, so that tiers neither overlap nor vanish."""
    for index, (lower, upper) in enumerate(pairwise(tiers), start=1):
        if upper.up_to <= lower.up_to:
            yield Violation(
                (index, "up_to"),
                f"must be above the previous tier's up_to ({lower.up_to}): tiers overlap",
            )


def check_permitted_disparity(rate: Decimal, excess_rate: Decimal) -> Iterator[Violation]:
    """The disparity may not exceed the lesser of the base rate and 5.7% (IRC 401(l)(2)(A))."""
    most = min(rate, Decimal("0.057"))
    if excess_rate > most:
        yield Violation(
            ("excess_rate",),
            f"must not exceed {most}: the lesser of nonelective.rate and 5.7% (IRC 401(l)(2)(A))",
        )


def check_design(design: PlanDesign) -> Iterator[Violation]:
    """Conditions that span sections of the design."""
    enrollment, escalation, deferrals = (
        design.automatic_enrollment,
        design.escalation,
        design.deferrals,
    )
    if enrollment.enabled:
        at = ("automatic_enrollment", "default_rate")
        if escalation.enabled and enrollment.default_rate > escalation.cap:
            yield Violation(at, f"must not exceed escalation.cap ({escalation.cap})")
        if enrollment.default_rate > deferrals.maximum_rate:
            yield Violation(
                at, f"must not exceed deferrals.maximum_rate ({deferrals.maximum_rate})"
            )
    if escalation.enabled and escalation.cap > deferrals.maximum_rate:
        yield Violation(
            ("escalation", "cap"),
            f"must not exceed deferrals.maximum_rate ({deferrals.maximum_rate})",
        )
    if design.match.eligibility.service_months > 12 and not _vests(design, "immediate"):
        yield Violation(
            ("match", "eligibility", "service_months"),
            "above 12 needs vesting.employer_match = immediate (IRC 410(a)(1)(B)(i))",
        )
    if design.match.safe_harbor != "none":
        yield from _check_safe_harbor(design)


def _vests(design: PlanDesign, schedule: str) -> bool:
    return at_least_as_fast(vesting_table(design.vesting.employer_match), schedule)


def _check_safe_harbor(design: PlanDesign) -> Iterator[Violation]:
    match = design.match
    section = "401(k)(13)" if match.safe_harbor == "qaca" else "401(k)(12)(B)"
    if match.formula != "tiers":
        yield Violation(
            ("match", "formula"),
            f"safe_harbor {match.safe_harbor} needs formula tiers: the same match for everyone "
            f"(IRC {section})",
        )
    else:
        yield from _check_safe_harbor_rates(match.safe_harbor, match.tiers)
        matched = max((tier.up_to for tier in match.tiers if tier.rate), default=ZERO)
        if design.deferrals.maximum_rate < matched:
            yield Violation(
                ("deferrals", "maximum_rate"),
                f"must be at least {matched}: people may defer enough for the full safe-harbor "
                "match (26 CFR 1.401(k)-3(c)(6))",
            )
    conditions = match.eligibility
    for key, value in (
        ("last_day", conditions.last_day),
        ("hours", conditions.hours),
        ("service_months", conditions.service_months),
    ):
        if value:
            yield Violation(
                ("match", "eligibility", key),
                f"may not be a condition for safe-harbor match (IRC {section})",
            )
    if match.dollar_cap is not None:
        yield Violation(("match", "dollar_cap"), f"may not cap a safe-harbor match (IRC {section})")
    if match.safe_harbor == "qaca":
        yield from _check_qaca(design)
    elif not _vests(design, "immediate"):
        yield Violation(
            ("vesting", "employer_match"),
            "safe-harbor match must vest immediately (IRC 401(k)(12)(E)(i))",
        )


def _check_safe_harbor_rates(kind: str, tiers: Sequence[MatchTier]) -> Iterator[Violation]:
    floor = _QACA if kind == "qaca" else _BASIC
    offered = tuple((tier.rate, tier.up_to) for tier in tiers)
    edges = sorted({up_to for _, up_to in (*floor, *offered)})
    at = ("match", "tiers")
    if kind == "basic":
        if any(_match(offered, edge) != _match(floor, edge) for edge in edges):
            yield Violation(
                at, "basic means exactly 100% to 3% and 50% to 5% (IRC 401(k)(12)(B)(i))"
            )
        return
    short = next((e for e in edges if _match(offered, e) < _match(floor, e)), None)
    if short is not None:
        formula, section = (
            ("100% to 1% and 50% to 6%", "401(k)(13)(D)(i)(I)")
            if kind == "qaca"
            else ("100% to 3% and 50% to 5%", "401(k)(12)(B)(iii)")
        )
        yield Violation(
            at,
            f"pays {_match(offered, short):f} of pay at a deferral of {short:f}, less than "
            f"{formula} ({_match(floor, short):f}) (IRC {section})",
        )
    if any(upper > lower for (lower, _), (upper, _) in pairwise(offered)):
        yield Violation(
            at, "the match rate may not rise with the deferral (IRC 401(k)(12)(B)(iii)(I))"
        )
    if any(up_to > _MATCHED_AT_MOST for rate, up_to in offered if rate):
        yield Violation(at, "deferrals above 6% of pay may not be matched (IRC 401(m)(11)(B)(i))")


def _match(tiers: Sequence[tuple[Decimal, Decimal]], deferral: Decimal) -> Decimal:
    """Match as a share of pay at a deferral rate."""
    total, start = ZERO, ZERO
    for rate, up_to in tiers:
        total += rate * max(ZERO, min(deferral, up_to) - start)
        start = up_to
    return total


def _check_qaca(design: PlanDesign) -> Iterator[Violation]:
    enrollment, escalation = design.automatic_enrollment, design.escalation
    if not enrollment.enabled:
        yield Violation(
            ("automatic_enrollment", "enabled"),
            "a QACA needs automatic enrollment (IRC 401(k)(13)(C)(i))",
        )
    yield from _check_qaca_defaults(design)
    if escalation.enabled and escalation.cap > _QACA_MOST[-1]:
        yield Violation(
            ("escalation", "cap"),
            f"must not exceed {_QACA_MOST[-1]}: no default of a QACA does (IRC 401(k)(13)(C)(iii))",
        )
    if enrollment.wait_days > 30:
        yield Violation(
            ("automatic_enrollment", "wait_days"),
            "default deferrals of a QACA begin at most 30 days after entry, the last day for the "
            "notice (26 CFR 1.401(k)-3(k)(4)(iii))",
        )
    if not _vests(design, "cliff_2"):
        yield Violation(
            ("vesting", "employer_match"),
            "QACA match vests fully after 2 years at the latest (IRC 401(k)(13)(D)(iii)(I))",
        )


def _check_qaca_defaults(design: PlanDesign) -> Iterator[Violation]:
    """The first plan year of participation whose default rate the law does not permit."""
    start, escalation = design.automatic_enrollment.default_rate, design.escalation
    for first, whom in _FIRST_INCREASE[escalation.first_increase].items():
        rate = start
        for year, (least, most) in enumerate(zip(_QACA_LEAST, _QACA_MOST, strict=True), start=1):
            if escalation.enabled and year >= first:
                rate = max(rate, min(rate + escalation.step, escalation.cap))
            if not least <= rate <= most:
                yield Violation(
                    ("automatic_enrollment", "default_rate"),
                    f"comes to {rate} in plan year {year} of participation{whom}, where a QACA "
                    f"needs {least} to {most} (IRC 401(k)(13)(C)(iii)): change default_rate or "
                    "the escalation",
                )
                return


def design_warnings(design: PlanDesign) -> Iterator[str]:
    """Findings that do not stop a run: designs a reviewer would question."""
    eligibility = design.eligibility
    waits = eligibility.service_months > 6 or eligibility.hours_required > 0
    if eligibility.entry_dates == "annual" and (waits or eligibility.minimum_age > 20):
        yield (
            "plan.eligibility.entry_dates = annual: entry can fall later than the earlier of the "
            "next plan year and 6 months after age 21 and one year of service "
            "(IRC 410(a)(4)); use semiannual, or a minimum_age of at most 20 with at most 6 months "
            "of service and no hours_required"
        )
    if design.match.safe_harbor == "qaca" and design.automatic_enrollment.scope == "new_hires":
        yield (
            "plan.automatic_enrollment.scope = new_hires: a QACA covers everyone eligible who has "
            "made no election of his own (IRC 401(k)(13)(C)(i)); use all_eligible"
        )

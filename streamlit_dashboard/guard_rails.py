"""Warnings about drafted levers, each with the numbers of the last result that give the reason."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from streamlit_dashboard import formats
from streamlit_dashboard.editing.lever_draft import LeverDraft
from streamlit_dashboard.queries import estimate, guard_rails, identity
from streamlit_dashboard.queries.result import Result

NEAR_TARGET = 0.001
"""Pay growth this close to the target counts as met: a tenth of a point."""
CLOSER_A_YEAR = 0.005
"""Two levels whose pay converges by half a point a year are on the way to compression."""
CLOSE_MEDIANS, OVERLAP = 0.25, 0.01
"""Levels are close when medians are less than 25% apart, or 1% of the lower earn more than the
upper median."""
HIRE_PREMIUM = 0.10
"""Hires paid this much more or less than the staff beside them are worth a look."""


@dataclass(frozen=True)
class Finding:
    """One guard rail: what it is about, whether it is crossed, and the numbers."""

    about: Literal["Budget", "Retention", "Compression", "Hiring"]
    crossed: bool
    text: str


def findings(result: Result, draft: LeverDraft, target: float) -> list[Finding]:
    """Every guard rail, crossed ones first. `target` is pay growth, a share a year."""
    changes = {key: float(draft.value(key)) for key in draft.in_force}
    by_year = estimate.pay_growth(result, changes)
    by_level = estimate.pay_growth_by_level(result, changes)
    last_year = int(by_year["year"].max())
    found = [
        _budget(by_year, target),
        *_retention(guard_rails.retention(result), by_level, by_year),
        *_compression(guard_rails.compression(result, last_year), by_level, last_year),
        *_hiring(result, draft, last_year),
    ]
    return sorted(found, key=lambda finding: not finding.crossed)


def _budget(by_year: pd.DataFrame, target: float) -> Finding:
    gaps = by_year["growth_estimate"] - target
    # A year over the budget counts before one that is further below it.
    worst = by_year.loc[gaps.idxmax() if gaps.max() > NEAR_TARGET else gaps.abs().idxmax()]
    gap = worst["growth_estimate"] - target
    if abs(gap) <= NEAR_TARGET:
        return Finding(
            "Budget", False, f"Every year is within 0.1 points of {formats.percent(target, 2)}."
        )
    dollars = formats.money(abs(gap) * worst["opening_pay"])
    side = "above" if gap > 0 else "below"
    return Finding(
        "Budget",
        gap > 0,
        f"{int(worst['year'])}: {formats.percent(worst['growth_estimate'], 2)} is "
        f"{formats.points(abs(gap)).lstrip('+')} {side} the target, {dollars} a year on the "
        f"opening pay of continuing staff, {formats.money(worst['opening_pay'])}.",
    )


def _retention(
    resignations: pd.DataFrame, by_level: pd.DataFrame, by_year: pd.DataFrame
) -> list[Finding]:
    company = by_year["growth_estimate"].mean()
    growth = by_level.groupby("level")["growth_estimate"].mean()
    found = []
    for row in resignations.itertuples():
        if row.level not in growth.index or row.resignation_rate <= row.company_rate:
            continue
        if growth[row.level] < company:
            found.append(
                Finding(
                    "Retention",
                    True,
                    f"Level {row.level} loses {formats.percent(row.resignation_rate, 2)} a year by "
                    f"resignation (company {formats.percent(row.company_rate, 2)}), and its pay "
                    f"grows {formats.percent(growth[row.level], 2)} a year, less than the "
                    f"company's {formats.percent(company, 2)}.",
                )
            )
    if not found:
        rate = formats.percent(resignations["company_rate"].iloc[0])
        text = f"No level that loses more than {rate} a year gets less than average growth."
        found.append(Finding("Retention", False, text))
    return found


def _compression(medians: pd.DataFrame, by_level: pd.DataFrame, last_year: int) -> list[Finding]:
    growth = by_level.groupby("level")["growth_estimate"].mean()
    found = []
    for row in medians.itertuples():
        if row.level not in growth.index or row.level + 1 not in growth.index:
            continue
        faster = growth[row.level] - growth[row.level + 1]
        close = row.gap_share < CLOSE_MEDIANS or row.share_above_next_median > OVERLAP
        if close and faster > CLOSER_A_YEAR:
            found.append(
                Finding(
                    "Compression",
                    True,
                    f"Pay of level {row.level} grows {formats.points(faster).lstrip('+')} a year "
                    f"faster than that of level {row.level + 1}. At the end of {last_year} their "
                    f"medians are {formats.percent(row.gap_share, 0)} apart "
                    f"({formats.money(row.median_pay)} and {formats.money(row.next_median_pay)}) "
                    f"and {formats.percent(row.share_above_next_median)} of level {row.level} earn "
                    f"more than the median of level {row.level + 1}.",
                )
            )
    if not found and len(medians):
        closest = medians.loc[medians["gap_share"].idxmin()]
        found.append(
            Finding(
                "Compression",
                False,
                "No levels close to each other converge. The closest are "
                f"{int(closest['level'])} and {int(closest['level']) + 1}, "
                f"{formats.percent(closest['gap_share'], 0)} apart.",
            )
        )
    return found


def _hiring(result: Result, draft: LeverDraft, last_year: int) -> list[Finding]:
    before = identity.levers(result)
    before = before[
        (before["year"] == last_year) & (before["parameter"] == "new_hire_salary_adjustment")
    ].set_index("level")["value"]
    found = []
    for row in guard_rails.new_hire_pay(result, last_year).itertuples():
        key = (last_year, row.level, "new_hire_salary_adjustment")
        if key not in draft.in_force or not before.get(row.level):
            continue
        ratio = row.ratio * float(draft.value(key)) / before[row.level]
        if abs(ratio - 1) > HIRE_PREMIUM:
            side = "above" if ratio > 1 else "below"
            found.append(
                Finding(
                    "Hiring",
                    True,
                    f"Hires at level {row.level} would start about "
                    f"{formats.percent(abs(ratio - 1), 0)} {side} the staff beside them, whose "
                    f"median is {formats.money(row.staff_median_pay)} at the end of {last_year}.",
                )
            )
    if not found:
        premium = formats.percent(HIRE_PREMIUM, 0)
        text = f"Hires at every level start within {premium} of the staff beside them."
        found.append(Finding("Hiring", False, text))
    return found

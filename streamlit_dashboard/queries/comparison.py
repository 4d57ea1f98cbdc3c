"""Scenarios side by side: numbers, differences, and what drives them."""

import pandas as pd

from streamlit_dashboard.queries import identity, plan, walks
from streamlit_dashboard.queries.result import Result

# As exact as results are kept; floating point adds the rest to a difference.
_PLACES = 6

MEASURES = {
    "closing_headcount": "Headcount",
    "closing_payroll": "Annual payroll",
    "average_pay": "Average pay",
    "pay_growth": "Pay growth of continuing staff",
    "average_pay_growth": "Growth of average pay",
    "turnover": "Turnover",
    "promotion_rate": "Promotion rate",
    "paid_compensation": "Pay paid in the year",
    "participation_rate": "Participation",
    "average_deferral_rate": "Average deferral of participants",
    "employee_contributions": "Employee contributions",
    "employer_cost": "Employer cost",
    "employer_cost_rate": "Employer cost, share of participants' pay",
}

_COSTS = {
    "employer_match": "Match",
    "employer_nonelective": "Nonelective",
    "employer_profit_sharing": "Profit sharing",
    "forfeitures": "Forfeitures instead of cash",
    "employer_cost": "Employer cost",
}

EMPLOYER_COST = """
SELECT
  employer_match,
  employer_nonelective,
  employer_profit_sharing,
  -forfeitures_instead_of_cash AS forfeitures,
  employer_cost
FROM fct_simulation_summary
WHERE simulation_year = $year
"""


def by_year(results: list[Result]) -> pd.DataFrame:
    """Every measure, one row a scenario and year, of the years that every scenario has."""
    frames = []
    for result in results:
        frame = walks.yearly(result).merge(plan.yearly(result), on="year")
        frames.append(frame.assign(scenario=result.scenario_id))
    shared = set.intersection(*(set(frame["year"]) for frame in frames))
    table = pd.concat(frames, ignore_index=True)
    return table[table["year"].isin(shared)]


def differences(table: pd.DataFrame, measure: str, base: str) -> pd.DataFrame:
    """One measure by year: a column a scenario, and its difference to `base`."""
    wide = table.pivot(index="year", columns="scenario", values=measure)
    wide = wide[[base, *[name for name in wide.columns if name != base]]]
    for name in wide.columns[1:]:
        wide[f"{name} minus {base}"] = wide[name] - wide[base]
    return wide.reset_index().round(_PLACES)


def payroll_drivers(base: Result, other: Result, first: int, last: int) -> pd.DataFrame:
    """The difference in closing payroll by step of the walk, dollars: they add up to it."""
    before, after = (walks.payroll_walk(result, first, last) for result in (base, other))
    difference = (after["amount"] - before["amount"]).round(_PLACES)
    return before[["step"]].assign(payroll_difference=difference)


def employer_cost_drivers(base: Result, other: Result, last: int) -> pd.DataFrame:
    """The difference in employer cost of the last year by source, dollars: they add up to it."""
    before = base.frame(EMPLOYER_COST, year=last).iloc[0]
    after = other.frame(EMPLOYER_COST, year=last).iloc[0]
    return pd.DataFrame(
        [
            {"source": label, "cost_difference": after[column] - before[column]}
            for column, label in _COSTS.items()
        ]
    ).round(_PLACES)


def changed_settings(base: Result, other: Result) -> pd.DataFrame:
    """Settings and levers in which two results differ."""
    settings = _setting_lines(base).merge(
        _setting_lines(other), on="setting", how="outer", suffixes=("_base", "_other")
    )
    levers = _lever_lines(base).merge(
        _lever_lines(other), on="setting", how="outer", suffixes=("_base", "_other")
    )
    both = pd.concat([settings, levers], ignore_index=True)
    # The design names itself once more within the plan.
    both = both[~both["setting"].isin(["scenario_id", "plan.plan_design_id"])].fillna("")
    return both[both["value_base"] != both["value_other"]].rename(
        columns={"value_base": base.scenario_id, "value_other": other.scenario_id}
    )


def same_draws(results: list[Result]) -> list[str]:
    """Why differences may come from something else than the settings; empty when they do not."""
    runs = [identity.run(result) for result in results]
    reasons = []
    for column, text in (
        ("random_seed", "The seeds differ"),
        ("census_hash", "The censuses differ"),
        ("code_version", "The results were made by different versions of the model"),
    ):
        values = [str(run[column]) for run in runs]
        if len(set(values)) > 1:
            shown = ", ".join(
                f"{run['scenario_id']}: {value[:12]}"
                for run, value in zip(runs, values, strict=True)
            )
            reasons.append(f"{text} ({shown}).")
    return reasons


def _setting_lines(result: Result) -> pd.DataFrame:
    """Settings by dotted path; a list is one line, because its members have no names of their own:
    age 22, weight 0.07; age 25, weight 0.09."""
    leaves = identity.settings(result)
    parts = leaves["setting"].str.extract(r"^([^\[]+)(?:\[(\d+)\]\.?(.*))?$")
    named = parts[2].fillna("").str.replace("_", " ")
    leaves = leaves.assign(
        setting=parts[0],
        place=parts[1].fillna("0").astype(int),
        text=(named + " " + leaves["value"].fillna("none")).str.strip(),
    )
    members = leaves.groupby(["setting", "place"], sort=True)["text"].agg(", ".join)
    lines = members.groupby("setting").agg("; ".join)
    return lines.rename("value").reset_index()


def _lever_lines(result: Result) -> pd.DataFrame:
    levers = identity.levers(result)
    return pd.DataFrame(
        {
            "setting": [
                f"{row.parameter}, level {row.level}, {row.year}" for row in levers.itertuples()
            ],
            "value": levers["value"].map("{:g}".format),
        }
    )

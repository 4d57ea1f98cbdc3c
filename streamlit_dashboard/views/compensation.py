"""Tune: the five compensation levers by level and year, their estimated effect, save and run."""

from decimal import Decimal

import pandas as pd
import streamlit as st

from config.levers import BOUNDS, ConcurrentEditError
from config.loading import SettingsError, load_simulation, scenario_names
from streamlit_dashboard import formats, guard_rails, run_button, show, state
from streamlit_dashboard.charts import trends
from streamlit_dashboard.charts.theme import PERCENT
from streamlit_dashboard.editing import lever_session
from streamlit_dashboard.editing.lever_draft import RefusedChange
from streamlit_dashboard.queries import comparison, estimate, walks
from streamlit_dashboard.queries.result import current_result
from streamlit_dashboard.runs import orders
from streamlit_dashboard.runs.watching import explain_last_order, show_failure

# label, explanation, and the range of its slider; the table takes every legal value.
LEVERS = {
    "cola_rate": ("COLA", "Raise for everyone on 1 January", (-0.02, 0.10)),
    "merit_base": ("Merit", "Raise for performance", (-0.02, 0.10)),
    "promotion_probability": ("Promotion chance", "Share of the level a year", (0.0, 0.40)),
    "promotion_raise": ("Promotion raise", "Added to pay on promotion", (0.0, 0.30)),
    "new_hire_salary_adjustment": ("Starting pay", "Factor on starting pay", (0.80, 1.20)),
}
GROUPS = {
    "Annual raises": ("cola_rate", "merit_base"),
    "Promotions": ("promotion_probability", "promotion_raise"),
    "Hiring": ("new_hire_salary_adjustment",),
}
FACTOR = "new_hire_salary_adjustment"

scenario = state.scenario()
st.title("Compensation")
if scenario not in scenario_names():
    st.info(f"Scenario {scenario} is no longer configured, so its levers cannot be changed.")
    st.stop()
draft = lever_session.draft(scenario)
settings = load_simulation(scenario).settings
names = {level.level_id: level.name for level in settings.compensation.job_levels}
base = current_result(scenario) or current_result("baseline")


def exact(shown: float, parameter: str) -> Decimal:
    """The lever's value for what a control shows: percent, or a factor."""
    value = Decimal(str(shown)) if parameter == FACTOR else Decimal(str(shown)) / 100
    return round(value, 6).normalize()


def shown(value: Decimal, parameter: str) -> float:
    """What a control shows for a lever."""
    return float(value if parameter == FACTOR else value * 100)


def worded(value: Decimal, parameter: str) -> str:
    """A lever with its unit."""
    return f"{value:.2f}" if parameter == FACTOR else formats.percent(value, 2)


def change(values: dict, *, redraw: bool) -> None:
    """Put values into the draft, or say why not."""
    try:
        lever_session.keep(lever_session.draft(scenario).set(values, redraw=redraw))
    except RefusedChange as refusal:
        st.session_state["refusal"] = str(refusal)
        current = lever_session.draft(scenario)
        lever_session.keep(current.set({}, redraw=True))


def slider_moved(key: str, level: int, parameter: str, years: list[int]) -> None:
    """Take over a slider for the years in view."""
    value = exact(st.session_state[key], parameter)
    current = lever_session.draft(scenario)
    editable = [year for year in years if not current.is_fixed((year, level, parameter))]
    change({(year, level, parameter): value for year in editable}, redraw=False)


def cell_edited(key: str, cells: pd.DataFrame) -> None:
    """Take over the cells edited in the table."""
    values = {}
    for row, columns in st.session_state[key]["edited_rows"].items():
        parameter, level = cells.index[row]
        for year, value in columns.items():
            if value is not None:
                values[int(year), int(level), parameter] = exact(value, parameter)
    change(values, redraw=True)


def estimated() -> pd.DataFrame:
    """The estimate for the draft by year; without rows when there is nothing it could stand on."""
    if base is None:
        return pd.DataFrame({"year": [], "growth_estimate": []})
    return estimate.pay_growth(base, {key: float(draft.value(key)) for key in draft.in_force})


def save() -> bool:
    """Save the draft; says what is in the way otherwise."""
    try:
        lever_session.save(
            draft, st.session_state["given-author"].strip() or lever_session.default_author()
        )
    except ConcurrentEditError:
        st.session_state["refusal"] = (
            "Somebody else saved the levers while you were changing them. Nothing of yours is "
            "lost: load theirs and keep your changes, then apply again."
        )
        return False
    except SettingsError as error:
        st.session_state["refusal"] = str(error)
        return False
    return True


if run_button.is_save_asked() and save():
    st.toast("Levers saved", icon=":material/check_circle:")
    st.rerun()
if run_button.is_run_asked() and (not draft.changes or save()):
    growth = estimated().set_index("year")["growth_estimate"]
    orders.submit(
        scenario,
        seed=run_button.take_seed(),
        estimate={str(int(year)): float(share) for year, share in growth.items()},
    )
    st.rerun()

# Always there: a message that moved the tabs below it would open the first of them.
with st.container():
    if refusal := st.session_state.pop("refusal", None):
        show_failure(refusal)
    if lever_session.is_outdated(draft):
        st.warning("Somebody else saved the levers while you were changing them.")
        if st.button("Load theirs and keep my changes", key="rebase"):
            if lost := lever_session.reload(draft).lost_since(draft):
                st.session_state["refusal"] = (
                    "Your changes of levers that are locked now, or no longer in the scenario, "
                    f"could not be kept: {', '.join(lost)}. Undo brings all of yours back as they "
                    "were before theirs were loaded."
                )
            st.rerun()

controls, effect = st.columns([5, 3], gap="medium")
with controls:
    picked = st.segmented_control(
        "Change",
        ["All years", *draft.years],
        default="All years",
        required=True,
        key="lever-years",
    )
    years = draft.years if picked == "All years" else [int(picked)]
    tabs = st.tabs([*GROUPS, "Full grid"])
    for tab, parameters in zip(tabs, GROUPS.values(), strict=False):
        with tab:
            for parameter in parameters:
                label, explanation, (low, high) = LEVERS[parameter]
                st.markdown(f"**{label}** · {explanation}")
                for level, column in zip(draft.levels, st.columns(len(draft.levels)), strict=True):
                    here = [draft.value((year, level, parameter)) for year in years]
                    locked = [year for year in years if (year, level, parameter) in draft.locked]
                    fixed = [draft.is_fixed((year, level, parameter)) for year in years]
                    scale = 1 if parameter == FACTOR else 100
                    key = f"{parameter}-{level}-{picked}-{scenario}-{draft.revision}"
                    column.slider(
                        formats.literal(names[level]),
                        min(low * scale, shown(min(here), parameter)),
                        max(high * scale, shown(max(here), parameter)),
                        value=shown(here[0], parameter),
                        step=0.01 if parameter == FACTOR else 0.1,
                        format="%.2f" if parameter == FACTOR else "%.2f%%",
                        key=key,
                        disabled=all(fixed),
                        on_change=slider_moved,
                        args=(key, level, parameter, years),
                    )
                    notes = []
                    if len(set(here)) > 1:
                        notes.append("differs by year")
                    if locked == years:
                        notes.append("locked")
                    elif locked:
                        notes.append(f"locked in {', '.join(map(str, locked))}")
                    if notes:
                        column.caption(", ".join(notes))
    with tabs[-1]:
        st.caption("Every lever by level and year. Raises and chances in percent.")
        grid = pd.DataFrame(
            {
                str(year): [
                    shown(draft.value((year, level, parameter)), parameter)
                    for parameter in LEVERS
                    for level in draft.levels
                ]
                for year in draft.years
            },
            index=pd.MultiIndex.from_product([LEVERS, draft.levels]),
        )
        labelled = grid.copy()
        labelled.insert(0, "Lever", [LEVERS[parameter][0] for parameter, _ in grid.index])
        labelled.insert(1, "Level", [f"{level} {names[level]}" for _, level in grid.index])
        key = f"grid-{scenario}-{draft.revision}-{len(draft.changes)}"
        st.data_editor(
            labelled.reset_index(drop=True),
            hide_index=True,
            key=key,
            disabled=["Lever", "Level"],
            height=560,
            column_config={
                # Widths with which all years are seen at 1280 pixels.
                "Lever": st.column_config.Column(width=120),
                "Level": st.column_config.Column(width=98),
                **{
                    str(year): st.column_config.NumberColumn(format="%.2f", step=0.01, width=64)
                    for year in draft.years
                },
            },
            on_change=cell_edited,
            args=(key, grid),
        )
        legal = (
            f"{LEVERS[parameter][0]} {worded(low, parameter)} to {worded(high, parameter)}"
            for parameter, (low, high) in BOUNDS.items()
        )
        st.caption(f"Legal values: {', '.join(legal)}.")

    tools = st.columns([1, 1, 1.3, 1.6], vertical_alignment="bottom")
    if tools[0].button("Undo", disabled=draft.before is None, icon=":material/undo:"):
        lever_session.keep(draft.undo())
        st.rerun()
    if tools[1].button("Reset", disabled=not draft.changes, icon=":material/restart_alt:"):
        lever_session.keep(draft.reset())
        st.rerun()
    with tools[2].popover("Copy year"):
        source = st.selectbox("From", draft.years, key="copy-from")
        targets = st.multiselect(
            "To", [year for year in draft.years if year != source], key="copy-to"
        )
        if st.button("Copy", key="copy-year", disabled=not targets):
            lever_session.keep(draft.copy_year(source, targets))
            st.rerun()
    with tools[3].popover("Copy scenario"):
        others = [name for name in scenario_names() if name != scenario]
        other = st.selectbox("Levers of", others, key="copy-scenario-from")
        if st.button("Copy", key="copy-scenario", disabled=not other):
            lever_session.keep(draft.copy_scenario(other))
            st.rerun()

with controls.container(border=True):
    changed = len(draft.changes)
    if changed:
        with st.expander(f"{changed} changed lever{'s' if changed > 1 else ''}"):
            show.table(
                pd.DataFrame(
                    [
                        {
                            "year": year,
                            "level": level,
                            "lever": LEVERS[parameter][0],
                            "was": worded(draft.in_force[year, level, parameter], parameter),
                            "will be": worded(value, parameter),
                        }
                        for (year, level, parameter), value in sorted(draft.changes.items())
                    ]
                ),
                "lever_changes",
            )

    # The keys keep this control and the target the same ones when what they start from changes.
    author = st.text_input(
        "Your name, for the change log", lever_session.default_author(), key="given-author"
    )
    st.session_state["author"] = author
    run_button.run_controls(scenario, has_changes=bool(changed))
    explain_last_order(scenario)

with effect:
    target = (
        st.number_input(
            "Target pay growth a year, %",
            -10.0,
            25.0,
            value=100 * state.target_pay_growth(),
            step=0.1,
            format="%.1f",
            key="given-target",
            help="Pay of continuing staff at the end of a year over that at its start.",
        )
        / 100
    )
    state.aim_at(target)
    frame = estimated()
    if base is None:
        st.info("The estimate needs a result: run the scenario once.")
    elif frame.empty:
        st.info(
            f"Nobody stays through a year in the last result of {base.scenario_id}, so there is no "
            "pay growth to estimate."
        )
    else:
        show.chart(
            "Pay growth of continuing staff",
            trends.lines(
                frame,
                {"growth_before": "Last result", "growth_estimate": "Estimate"},
                number_format=PERCENT,
                target=target,
                target_label=f"Target {formats.percent(target)}",
            ),
            frame[["year", "growth_before", "growth_estimate"]].assign(
                to_target_growth=frame["growth_estimate"] - target,
                more_pay=frame["dollars_more"],
            ),
            "pay_growth_estimate",
            "Lines of pay growth by year: last result, estimate, target",
            "An estimate: the raises of the last result"
            + ("" if base.scenario_id == scenario else f" of {base.scenario_id}")
            + ", scaled by the change of each lever. A run gives the number.",
        )
        for finding in guard_rails.findings(base, draft, target):
            text = f"**{finding.about}** {formats.literal(finding.text)}"
            if finding.crossed:
                st.warning(text, icon=":material/warning:")
            else:
                st.success(text, icon=":material/check:")

last = current_result(scenario)
order = orders.order_of_run(last.run_id) if last else None
if last and order and order.estimate:
    st.markdown("**The estimate of the last run beside what it gave**")
    before = estimate.stood_on(scenario, order.submitted_at)
    if reasons := comparison.same_draws([before, last]) if before else []:
        st.caption(
            "The run differs in more than levers from the result on which the estimate stood, so "
            f"part of what it missed comes from that. {' '.join(reasons)}"
        )
    actual = walks.yearly(last)[["year", "pay_growth"]]
    actual["estimated_growth"] = [order.estimate.get(str(year)) for year in actual["year"]]
    # Zero is added because a miss that rounds to nothing would otherwise be shown as -0.00%.
    missed = (100 * (actual["pay_growth"] - actual["estimated_growth"])).round(2) + 0.0
    show.table(actual.assign(missed_by_percent=missed), "estimate_and_actual")

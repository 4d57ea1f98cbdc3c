"""A design that the law does not allow is refused with the section."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.loading import SettingsError, load_simulation
from config.plan_rules import SCHEDULES, at_least_as_fast, vesting_table


def refused(*overrides: str, **arguments) -> str:
    with pytest.raises(SettingsError) as raised:
        load_simulation(overrides=overrides, **arguments)
    return str(raised.value)


@pytest.mark.parametrize(
    ("overrides", "section"),
    [
        (["plan.eligibility.minimum_age=22"], "at most 21"),
        (["plan.eligibility.service_months=13"], "at most 12"),
        (["plan.automatic_enrollment.opt_out_window_days=29"], "at least 30"),
        (["plan.automatic_enrollment.opt_out_window_days=91"], "at most 90"),
        (["plan.automatic_enrollment.default_rate=0.11"], "must not exceed escalation.cap (0.10)"),
        (["plan.deferrals.maximum_rate=0.05"], "must not exceed deferrals.maximum_rate (0.05)"),
        (["plan.automatic_enrollment.default_rate=0"], "must be above 0"),
        (["plan.forfeitures.cash_out_limit=7001"], "at most 7000"),
        (["plan.vesting.normal_retirement_age=66"], "at most 65"),
        (["plan.match.eligibility.service_months=18"], "IRC 410(a)(1)(B)(i)"),
        (
            ["plan.nonelective={formula: permitted_disparity, rate: 0.03, excess_rate: 0.031}"],
            "IRC 401(l)(2)(A)",
        ),
        (
            ["plan.nonelective={formula: permitted_disparity, rate: 0.10, excess_rate: 0.058}"],
            "must not exceed 0.057",
        ),
    ],
)
def test_a_value_beyond_its_bound_is_refused_with_the_bound_or_its_section(overrides, section):
    assert section in refused(*overrides)


def test_permitted_disparity_at_the_limit_is_accepted():
    load_simulation(
        overrides=[
            "plan.nonelective={formula: permitted_disparity, rate: 0.10, excess_rate: 0.057}"
        ]
    )


@pytest.mark.parametrize(
    "table",
    [
        "{0: 0, 4: 1}",
        "{0: 0, 2: 0.19, 3: 0.4, 4: 0.6, 5: 0.8, 6: 1}",
        "{0: 0, 2: 0.2, 3: 0.4, 4: 0.6, 5: 0.8, 7: 1}",
    ],
)
def test_vesting_slower_than_the_law_is_refused(table):
    assert "IRC 411(a)(2)(B)" in refused(f"plan.vesting.employer_match={table}")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("{0: 0, 1: 0.5}", "must reach 1"),
        ("{0: 0.5, 1: 0.2, 2: 1}", "must not fall with service"),
        ("{0: 0, 1: 25, 2: 1}", "must be at most 1"),
        ("graded", "not a valid choice"),
    ],
)
def test_a_vesting_table_that_is_not_one_is_refused(table, says):
    assert says in refused(f"plan.vesting.employer_match={table}")


@pytest.mark.parametrize(
    "table", ["{0: 0, 1: 0.25, 2: 0.5, 3: 1}", "{0: 0, 3: 1}", "{2: 0.2, 3: 0.5, 4: 0.75, 5: 1}"]
)
def test_a_custom_table_at_least_as_fast_is_accepted(table):
    load_simulation(overrides=[f"plan.vesting.employer_match={table}"])


def test_named_schedules_expand_as_the_rules_say():
    assert vesting_table("immediate") == (1,)
    assert vesting_table("cliff_3") == (0, 0, 0, 1)
    assert vesting_table("qaca_2") == (0, 0, 1)
    expected = [Decimal(share) for share in ("0", "0", "0.2", "0.4", "0.6", "0.8", "1")]
    assert list(vesting_table("graded_2_6")) == expected


def test_a_year_left_out_of_a_custom_table_keeps_the_share_before():
    assert vesting_table({0: Decimal(0), 1: Decimal("0.3"), 3: Decimal(1)}) == (
        0,
        Decimal("0.3"),
        Decimal("0.3"),
        1,
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=7))
def test_raising_any_share_never_makes_a_legal_table_illegal(shares):
    table = [Decimal(share) / 100 for share in sorted(shares)] + [Decimal(1)]
    faster = [min(Decimal(1), share + Decimal("0.1")) for share in table]
    for statutory in SCHEDULES:
        if at_least_as_fast(table, statutory):
            assert at_least_as_fast(faster, statutory)


BASIC = ["plan.match.safe_harbor=basic", "plan.vesting.employer_match=immediate"]
ENHANCED = ["plan.match.safe_harbor=enhanced", "plan.vesting.employer_match=immediate"]


def tiers(*pairs: tuple[str, str]) -> str:
    listed = ", ".join(f"{{rate: {rate}, up_to: {up_to}}}" for rate, up_to in pairs)
    return f"plan.match.tiers=[{listed}]"


def test_basic_is_the_statutory_formula_however_it_is_written():
    for formula in (
        tiers(("1", "0.03"), ("0.5", "0.05")),
        tiers(("1", "0.02"), ("1", "0.03"), ("0.5", "0.05")),
    ):
        load_simulation(overrides=[*BASIC, formula])


@pytest.mark.parametrize(
    "formula",
    [
        tiers(("1", "0.03"), ("0.5", "0.04")),
        tiers(("1", "0.03"), ("0.5", "0.06")),
        tiers(("1", "0.04")),
    ],
)
def test_basic_that_is_not_the_statutory_formula_is_refused(formula):
    assert "401(k)(12)(B)(i)" in refused(*BASIC, formula)


@pytest.mark.parametrize(
    "formula",
    [tiers(("1", "0.04")), tiers(("1.5", "0.03")), tiers(("1", "0.06"))],
)
def test_enhanced_that_is_never_below_basic_is_accepted(formula):
    load_simulation(overrides=[*ENHANCED, formula])


@pytest.mark.parametrize(
    ("formula", "section"),
    [
        (tiers(("0.9", "0.05")), "401(k)(12)(B)(iii)"),
        (tiers(("1", "0.03")), "401(k)(12)(B)(iii)"),
        (tiers(("1", "0.03"), ("1.5", "0.05")), "may not rise"),
        (tiers(("1", "0.07")), "401(m)(11)(B)(i)"),
    ],
)
def test_enhanced_that_breaks_a_condition_is_refused_with_the_section(formula, section):
    assert section in refused(*ENHANCED, formula)


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("plan.match.eligibility.last_day=true", "may not be a condition"),
        ("plan.match.eligibility.hours=1000", "may not be a condition"),
        ("plan.match.eligibility.service_months=6", "may not be a condition"),
        ("plan.match.dollar_cap=2000", "may not cap a safe-harbor match"),
        ("plan.vesting.employer_match=qaca_2", "401(k)(12)(E)(i)"),
        ("plan.match.formula=none", "needs formula tiers"),
    ],
)
def test_safe_harbor_money_carries_no_conditions(override, says):
    assert says in refused(override, plan_design="safe_harbor_basic")


@pytest.mark.parametrize(
    ("harbor", "full", "short"),
    [
        (tiers(("1", "0.03"), ("0.5", "0.05")), "0.05", "0.049"),
        (tiers(("1", "0.04"), ("0", "0.06")), "0.04", "0.039"),
    ],
)
def test_safe_harbor_lets_people_defer_enough_for_the_full_match(harbor, full, short):
    quiet = ["plan.automatic_enrollment.enabled=false", "plan.escalation.enabled=false"]
    design = [*ENHANCED, *quiet, harbor]
    load_simulation(overrides=[*design, f"plan.deferrals.maximum_rate={full}"])
    assert f"must be at least {full}" in refused(*design, f"plan.deferrals.maximum_rate={short}")


@pytest.mark.parametrize("plan_design", ["safe_harbor_basic", "qaca"])
def test_safe_harbor_designs_of_little_deferrals_are_refused(plan_design):
    assert "1.401(k)-3(c)(6)" in refused(
        "plan.deferrals.maximum_rate=0.02", plan_design=plan_design
    )


@pytest.mark.parametrize(
    ("override", "section"),
    [
        ("plan.automatic_enrollment.enabled=false", "401(k)(13)(C)(i)"),
        ("plan.automatic_enrollment.wait_days=31", "1.401(k)-3(k)(4)(iii)"),
        ("plan.escalation.cap=0.16", "must not exceed 0.15"),
        ("plan.vesting.employer_match=cliff_3", "401(k)(13)(D)(iii)(I)"),
        ("plan.match.tiers=[{rate: 0.5, up_to: 0.06}]", "401(k)(13)(D)(i)(I)"),
        ("plan.match.dollar_cap=1000", "401(k)(13)"),
    ],
)
def test_a_qaca_that_breaks_a_condition_is_refused_with_the_section(override, section):
    assert section in refused(override, plan_design="qaca")


def rising(start: str, step: str, cap: str, first_increase: str) -> list[str]:
    timing = f"cap: {cap}, first_increase: {first_increase}"
    return [
        f"plan.automatic_enrollment.default_rate={start}",
        f"plan.escalation={{step: {step}, {timing}}}",
    ]


@pytest.mark.parametrize(
    "rates",
    [
        ("0.03", "0.01", "0.06", "after_one_full_year"),
        ("0.03", "0.01", "0.06", "next_plan_year"),
        ("0.03", "0.0075", "0.06", "next_plan_year"),
        ("0.044", "0.005", "0.10", "next_plan_year"),
        ("0.045", "0.005", "0.06", "after_one_full_year"),
        ("0.045", "0.0075", "0.06", "after_one_full_year"),
        ("0.05", "0.005", "0.06", "after_one_full_year"),
        ("0.05", "0.005", "0.06", "next_plan_year"),
        ("0.06", "0", "0.06", "after_one_full_year"),
        ("0.09", "0.01", "0.15", "next_plan_year"),
        ("0.10", "0.01", "0.10", "next_plan_year"),
    ],
)
def test_qaca_defaults_within_the_law_in_every_year_are_accepted(rates):
    load_simulation(plan_design="qaca", overrides=rising(*rates))


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        (("0.029999", "0.01", "0.10", "next_plan_year"), "0.029999 in plan year 1 of"),
        (("0.11", "0", "0.15", "next_plan_year"), "0.11 in plan year 1 of participation,"),
        (("0.10", "0.01", "0.15", "next_plan_year"), "0.11 in plan year 2 of participation,"),
        (
            ("0.10", "0.01", "0.15", "after_one_full_year"),
            "0.11 in plan year 2 of participation for those enrolled on 1 January",
        ),
        (("0.03", "0.005", "0.10", "after_one_full_year"), "0.035 in plan year 3 of"),
        (("0.03", "0.009", "0.10", "after_one_full_year"), "0.039 in plan year 3 of"),
        (("0.04", "0.004", "0.10", "after_one_full_year"), "0.048 in plan year 4 of"),
        (("0.044", "0.005", "0.10", "after_one_full_year"), "0.059 in plan year 5 of"),
        (("0.03", "0.01", "0.055", "next_plan_year"), "0.055 in plan year 5 of"),
        (("0.06", "0.1", "0.2", "after_one_full_year"), "0.16 in plan year 3 of"),
    ],
)
def test_qaca_defaults_beyond_the_law_are_refused_with_year_and_rate(rates, says):
    """IRC 401(k)(13)(C)(iii): 3/3/4/5/6% at least; 10% at most in the first two years, then 15%."""
    assert f"comes to {says}" in refused(*rising(*rates), plan_design="qaca")


def test_a_qaca_below_six_percent_has_to_rise():
    fixed = ["plan.escalation.enabled=false", "plan.automatic_enrollment.default_rate=0.06"]
    load_simulation(plan_design="qaca", overrides=fixed)
    assert "comes to 0.03 in plan year 3" in refused(fixed[0], plan_design="qaca")


def test_entry_later_than_the_statutory_date_is_a_warning_not_an_error():
    late = load_simulation(
        overrides=["plan.eligibility.entry_dates=annual", "plan.eligibility.service_months=12"]
    )
    assert len(late.warnings) == 1 and "410(a)(4)" in late.warnings[0]
    shortened = load_simulation(
        overrides=[
            "plan.eligibility={entry_dates: annual, service_months: 6, minimum_age: 20}",
        ]
    )
    assert shortened.warnings == ()


@settings(max_examples=60, deadline=None)
@given(
    rates=st.lists(st.integers(0, 150), min_size=1, max_size=3),
    steps=st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_an_accepted_enhanced_match_is_never_below_basic(rates, steps):
    ends, end = [], 0
    for step in steps[: len(rates)]:
        end += step
        ends.append(end)
    offered = list(zip(rates, ends, strict=True))
    formula = tiers(*((f"{rate / 100:.2f}", f"{end / 100:.2f}") for rate, end in offered))
    try:
        load_simulation(overrides=[*ENHANCED, formula])
    except SettingsError:
        return

    def match(schedule, deferral):
        total, start = 0, 0
        for rate, end in schedule:
            total += rate * max(0, min(deferral, end) - start)
            start = end
        return total

    basic = [(100, 3), (50, 5)]
    assert all(match(offered, p) >= match(basic, p) for p in range(0, 20))
    assert ends[-1] <= 6 or rates[-1] == 0

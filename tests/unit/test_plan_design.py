"""A plan design has the contract's keys and defaults, and no setting of it is silently dead."""

from decimal import Decimal

import pytest

from config.loading import SettingsError, load_simulation
from config.plan_design import PlanDesign


def plan(*overrides: str, **arguments) -> PlanDesign:
    return load_simulation(overrides=overrides, **arguments).settings.plan


def refused(*overrides: str, **arguments) -> str:
    with pytest.raises(SettingsError) as raised:
        load_simulation(overrides=overrides, **arguments)
    return str(raised.value)


def test_the_shipped_standard_design_is_the_built_in_default():
    assert plan() == PlanDesign()


def test_match_formula_none_alone_removes_the_inherited_tiers():
    assert plan("plan.match.formula=none").match.tiers == ()


def test_design_file_of_another_formula_does_not_inherit_the_default_tiers():
    match = plan(plan_design="service_graded").match
    assert match.tiers == () and len(match.bands) == 3


def test_formula_of_a_later_layer_clears_what_it_does_not_read():
    nonelective = plan("plan.nonelective.formula=none", plan_design="service_graded").nonelective
    assert nonelective.bands == ()


@pytest.mark.parametrize(
    "overrides",
    [
        ["plan.match.formula=none", "plan.match.tiers=[{rate: 1, up_to: 0.04}]"],
        ["plan.match.formula=none", "plan.match.dollar_cap=1000"],
        ["plan.match.bands=[{from: 0, to: null, tiers: []}]"],
        ["plan.nonelective.rate=0.03"],
        ["plan.nonelective={formula: flat, rate: 0.03, excess_rate: 0.01}"],
        ["plan.profit_sharing.share_of_pay=0.02"],
    ],
)
def test_a_key_the_formula_does_not_read_is_refused(overrides):
    assert "is not read by" in refused(*overrides)


def test_dead_key_within_one_design_file_is_refused(tmp_path):
    file = tmp_path / "d.yaml"
    file.write_text("match:\n  formula: none\n  tiers: [{rate: 1, up_to: 0.04}]\n")
    assert f"{file}, line 3: plan.match.tiers" in refused(plan_design=file)


@pytest.mark.parametrize("formula", ["service_graded", "points"])
def test_banded_match_needs_bands(formula):
    assert "needs at least one band" in refused(f"plan.match.formula={formula}")


def test_banded_nonelective_needs_bands():
    assert "needs at least one band" in refused("plan.nonelective.formula=service_graded")


def test_formula_tiers_needs_a_tier():
    assert "needs at least one tier" in refused("plan.match.tiers=[]")


@pytest.mark.parametrize(
    ("bands", "says"),
    [
        ("[{from: 1, to: null, tiers: []}]", "the first band starts at 0"),
        ("[{from: 0, to: 2, tiers: []}, {from: 3, to: null, tiers: []}]", "gap"),
        ("[{from: 0, to: 4, tiers: []}, {from: 3, to: null, tiers: []}]", "overlap"),
        ("[{from: 0, to: 40, tiers: []}]", "the last band must be open"),
    ],
)
def test_bands_with_gaps_or_overlaps_are_refused(bands, says):
    assert says in refused("plan.match.formula=service_graded", f"plan.match.bands={bands}")


def test_points_bands_may_end_where_nobody_lies():
    tiers = "[{rate: 0.5, up_to: 0.06}]"
    match = plan(
        "plan.match.formula=points",
        f"plan.match.bands=[{{from: 0, to: 40, tiers: []}}, {{from: 40, to: 999, tiers: {tiers}}}]",
    ).match
    assert match.bands[1].from_ == 40 and match.bands[1].to == 999


@pytest.mark.parametrize("second", ["0.03", "0.02"])
def test_tiers_that_overlap_or_do_not_rise_are_refused(second):
    tiers = f"[{{rate: 1, up_to: 0.03}}, {{rate: 0.5, up_to: {second}}}]"
    assert "tiers overlap" in refused(f"plan.match.tiers={tiers}")


def test_a_misspelt_key_names_the_nearest():
    assert "did you mean plan.match.true_up?" in refused("plan.match.trueup=false")


def test_every_key_has_a_description():
    from config.schema_paths import all_settings

    assert [path for path, field in all_settings() if not field.description] == []


def test_money_and_rates_are_decimals():
    assert isinstance(plan().forfeitures.cash_out_limit, Decimal)

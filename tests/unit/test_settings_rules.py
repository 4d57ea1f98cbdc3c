"""Cross-field rules of the settings are explained where they are broken."""

import pytest

from config.loading import SettingsError, load_simulation


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("workforce.age_bands.0.min_age=1", "the first band starts at 0"),
        ("workforce.age_bands.1.min_age=26", "must be 25: gap after band 0"),
        ("workforce.age_bands.1.min_age=24", "must be 25: overlap after band 0"),
        ("workforce.age_bands.5.max_age=80", "the last band must be open"),
        ("workforce.age_bands.1.max_age=null", "only the last band may be open"),
        ("workforce.tenure_bands.0.max_tenure=0", "must be above min_tenure (0)"),
        ("workforce.age_bands.1.band='<25'", "duplicates element 0"),
        ("behavior.income_bands.1.min_pay=15001", "gap after band 0"),
        ("workforce.hire_months=[0,0,0,0,0,0,0,0,0,0,0,0]", "all weights are zero"),
        ("compensation.merit.months=[0,0,0,0,0,0,0,0,0,0,0,0]", "all weights are zero"),
        ("workforce.new_hire_ages=[{age: 30, weight: 0}]", "all weights are zero"),
        ("workforce.new_hire_ages=[{age: 30, weight: 1}, {age: 30, weight: 1}]", "duplicates"),
        ("workforce.termination_reasons.voluntary=0.71", "must sum to 1, but sum to 1.01"),
        ("simulation.target_growth_rate=-1", "must be above -1"),
        ("workforce.new_hire_termination_rate=1", "must be below 1"),
        ("compensation.promotion={month: 2, day: 29}", "at most 28"),
        ("compensation.merit.day=31", "month 4 has a merit weight but at most 30 days"),
        ("compensation.job_levels.1.level_id=3", "must be 2: contiguous ids from 1"),
        ("compensation.job_levels.0.maximum_compensation=32000", "must be above minimum"),
        ("compensation.job_levels.1.minimum_compensation=32000", "above the level below's"),
        ("compensation.job_levels.0.minimum_compensation=0", "must be at least 1000"),
        ("compensation.job_levels.0.minimum_compensation=32000.004", "at most 2 decimal places"),
        ("workforce.new_hire_hours_per_week=19.999", "at most 2 decimal places"),
        ("behavior.stop_rate=0.9", "must not exceed 1"),
        ("limits.assumed_cpi_growth=0.3", "must be at most 0.25"),
    ],
)
def test_a_broken_rule_is_explained(override, says):
    with pytest.raises(SettingsError) as raised:
        load_simulation(overrides=[override])
    assert any(says in str(problem) for problem in raised.value.problems), raised.value


def test_nobody_able_to_leave_is_refused():
    overrides = [f"workforce.age_bands.{band}.termination_multiplier=0" for band in range(6)]
    with pytest.raises(SettingsError, match="nobody could be chosen to leave"):
        load_simulation(overrides=overrides)


@pytest.mark.parametrize(("multiplier", "is_told"), [("2", True), ("0", True), ("1", False)])
def test_a_hazard_that_only_hires_of_the_year_would_have_is_told(multiplier, is_told):
    bands = (
        f"[{{band: new, min_tenure: 0, max_tenure: 1, termination_multiplier: {multiplier}, "
        "promotion_multiplier: 1}, {band: others, min_tenure: 1, max_tenure: null, "
        "termination_multiplier: 1, promotion_multiplier: 1}]"
    )
    warnings = load_simulation(overrides=[f"workforce.tenure_bands={bands}"]).warnings
    assert any("band new has no effect" in warning for warning in warnings) == is_told


def test_rules_of_one_list_are_reported_beside_a_wrong_value_of_another_key():
    with pytest.raises(SettingsError) as raised:
        load_simulation(
            overrides=["workforce.age_bands.1.min_age=26", "workforce.total_termination_rate=12"]
        )
    assert len(raised.value.problems) == 2

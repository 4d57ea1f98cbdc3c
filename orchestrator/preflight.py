"""What must hold before a run starts: which years it simulates, and on what they stand."""

import json
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from config.loading import SimulationInputs
from config.schema import LAST_YEAR
from orchestrator.code_version import code_version
from orchestrator.prepare import RunIdentity, load_settings, read_census
from orchestrator.publishing import NotPublishedError, PublishedRun, published_run
from orchestrator.request import RunRequest

ChangedLevers = dict[tuple[int, int, str], tuple[Any, Any]]
"""Value before and now of each lever that differs, by year, level and parameter."""


class PreflightError(Exception):
    """The run cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class RunPlan:
    """Years to simulate, and the published result whose earlier years they continue, if any."""

    scenario_id: str
    start_year: int
    first_year: int
    last_year: int
    continues: PublishedRun | None

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)


def plan_run(request: RunRequest) -> RunPlan:
    """Decide where a run starts. Raises `PreflightError` and `SettingsError`.

    A run that begins at or before the configured start year, begins from the census. A later one
    continues the published result of its scenario, and must stand on the same inputs.
    """
    if request.years is None:
        configured = load_settings(request, years=None).settings
        first, last = configured.simulation.start_year, configured.simulation.end_year
        return RunPlan(configured.scenario_id, first, first, last, continues=None)
    first, last = request.years
    # The configured last year may lie before the start of these years, and does not matter to them.
    configured = load_settings(request, years=(None, LAST_YEAR)).settings
    scenario_id = configured.scenario_id
    start_year = configured.simulation.start_year
    if first == start_year:
        return _from_census(request, scenario_id, first, last)
    published = _published(scenario_id)
    if published and published.identity.start_year < first <= published.years[1] + 1:
        start_year = published.identity.start_year
        inputs = _load_years(request, start_year, last)
        differences = _differences(published, inputs, _changed_levers(published, inputs), first)
        if differences:
            raise PreflightError(_refusal(published, differences, first, last))
        return RunPlan(scenario_id, start_year, first, last, continues=published)
    if first < start_year:
        return _from_census(request, scenario_id, first, last)
    raise PreflightError(_missing_predecessor(scenario_id, start_year, first, last, published))


def from_first_change(request: RunRequest) -> RunRequest:
    """`request` without the years that the published result of its scenario already has.

    Levers act on their own year and on later ones, so a result stands up to the first year whose
    levers differ; whatever else differs concerns every year. A request whose inputs are those of
    the result, or which names its years, stays as it is. Raises `SettingsError` and `CensusError`.
    """
    if request.years:
        return request
    inputs = load_settings(request, years=None)
    start_year = inputs.settings.simulation.start_year
    last = inputs.settings.simulation.end_year
    published = _published(inputs.settings.scenario_id)
    if not published or published.identity.start_year != start_year:
        return request
    levers = _changed_levers(published, inputs)
    changed = [year for year, _, _ in levers if year <= last]
    first = min([*changed, published.years[1] + 1])
    stands = (
        changed
        and first > start_year
        and not _differences(published, inputs, levers, first)
        and published.identity.census_hash == census_hash(request, inputs)
    )
    return replace(request, years=(first, last)) if stands else request


def assert_same_census(plan: RunPlan, identity: RunIdentity) -> None:
    """A continued simulation must still open with the census that its first year opened with."""
    if plan.continues and plan.continues.identity.census_hash != identity.census_hash:
        raise PreflightError(
            _refusal(
                plan.continues,
                ["the census is another one (its contents differ)"],
                plan.first_year,
                plan.last_year,
            )
        )


def census_hash(request: RunRequest, inputs: SimulationInputs) -> str:
    """The hash of the census that `request` would read. Raises `CensusError`."""
    with duckdb.connect() as connection:
        return read_census(connection, request, inputs).census_hash


def _from_census(request: RunRequest, scenario_id: str, first: int, last: int) -> RunPlan:
    _load_years(request, first, last)
    return RunPlan(scenario_id, first, first, last, continues=None)


def _load_years(request: RunRequest, start_year: int, last: int) -> SimulationInputs:
    inputs = load_settings(request, years=(start_year, last))
    simulation = inputs.settings.simulation
    if simulation.end_year != last or simulation.start_year > request.years[0]:
        raise PreflightError(
            f"the years asked for end in {last} and begin in {request.years[0]}, but --set says "
            f"{simulation.start_year} to {simulation.end_year}: say it once"
        )
    return inputs


def _published(scenario_id: str) -> PublishedRun | None:
    try:
        return published_run(scenario_id)
    except NotPublishedError:
        return None


def _differences(
    published: PublishedRun, inputs: SimulationInputs, levers: ChangedLevers, first: int
) -> list[str]:
    """Why years from `first` on cannot continue a result, each in words."""
    settings_before = _stored(published, "settings_json")
    settings_now = json.loads(inputs.settings_json)
    differences = [
        f"{key}: {before} then, {now} now"
        for key, before, now in _setting_differences(settings_before, settings_now)
        if key != "simulation.end_year"
    ]
    differences += [
        f"lever {parameter} of level {level} in {year}: {before} then, {now} now"
        for (year, level, parameter), (before, now) in levers.items()
        if year < first
    ]
    if published.identity.code_version != code_version():
        differences.append(
            f"the model's code: version {published.identity.code_version} then, "
            f"{code_version()} now"
        )
    return differences


def _refusal(published: PublishedRun, differences: list[str], first: int, last: int) -> str:
    start_year = published.identity.start_year
    listed = "\n".join(f"  - {difference}" for difference in differences)
    return (
        f"years {first} to {last} cannot continue the published result of scenario "
        f"{published.identity.scenario_id} (run {published.run_id}), because its years "
        f"{start_year} to {first - 1} were simulated with other inputs:\n{listed}\n"
        f"Rerun from the start: --years {start_year}:{last}"
    )


def _missing_predecessor(
    scenario_id: str, start_year: int, first: int, last: int, published: PublishedRun | None
) -> str:
    exists = (
        f"published years are {published.years[0]} to {published.years[1]}"
        if published
        else "nothing is published yet"
    )
    return (
        f"year {first} of scenario {scenario_id} stands on year {first - 1}, which does not exist: "
        f"{exists}. Run --years {start_year}:{last}, or begin from the census in {first} with "
        f"--set simulation.start_year={first}"
    )


def _stored(published: PublishedRun, column: str) -> Any:
    with duckdb.connect(str(published.database), read_only=True) as connection:
        [text] = connection.sql(f"SELECT {column} FROM inputs.run").fetchone()
    return json.loads(text)


def _setting_differences(before: Any, now: Any, prefix: str = "") -> list[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            difference
            for key in sorted(before.keys() | now.keys())
            for difference in _setting_differences(
                before.get(key), now.get(key), f"{prefix}.{key}" if prefix else key
            )
        ]
    return [] if before == now else [(prefix, before, now)]


def _changed_levers(published: PublishedRun, inputs: SimulationInputs) -> ChangedLevers:
    before = _lever_values(_stored(published, "levers_json"))
    now = _lever_values(json.loads(inputs.levers_json))
    return {
        key: (before.get(key), now.get(key))
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key)
    }


def _lever_values(levers: list[dict[str, Any]]) -> dict[tuple[int, int, str], Any]:
    return {
        (lever["simulation_year"], lever["level_id"], lever["parameter_name"]): lever[
            "parameter_value"
        ]
        for lever in levers
    }

"""Running through a Dagster webserver that is already there, by its GraphQL interface."""

import http.client
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestrator import home
from orchestrator.request import RunRequest

DEFAULT_URL = "http://127.0.0.1:3000"
JOB = "simulation_job"
SECONDS = 5.0
# Starting or stopping a run takes a busy server longer than telling how far one is.
CHANGE_SECONDS = 30.0
BEFORE_THE_BEGINNING = ("NOT_STARTED", "STARTING")
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


class DagsterServerError(Exception):
    """The Dagster server refused a request, then the message is its own; or it is none."""


@dataclass(frozen=True)
class DagsterRun:
    """What the server knows of a run; times are UTC, ISO.

    `failure` is what the simulation said of its failure, empty when it did not explain itself, None
    when it did not come to say anything.
    """

    status: str
    started_at: str | None
    ended_at: str | None
    years: tuple[int, int]
    last_message: str
    failure: str | None
    published_run_id: str | None


def running_server() -> str | None:
    """Address of a Dagster server that runs this project in this PLANWISE_HOME, if any."""
    url = os.environ.get("PLANWISE_DAGSTER_URL", DEFAULT_URL).rstrip("/")
    try:
        answer = _ask(url, "{ instance { info } repositoriesOrError { __typename } }", seconds=0.5)
        info = (answer.get("instance") or {}).get("info") or ""
        return url if str(home.dagster_home()) in info and _job_location(url) else None
    except (OSError, DagsterServerError):
        return None


def launch(url: str, request: RunRequest) -> str:
    """Start the job for the years that a change concerns; return Dagster's id of the run.

    Raises `OSError` or `DagsterServerError` when the server does not take it, which it does not for
    a scenario that is younger than the server, and what `plan_run` raises.
    """
    from orchestrator.partitions import partition_key
    from orchestrator.preflight import from_first_change, plan_run

    plan = plan_run(from_first_change(request))
    location, repository = _job_location(url) or ("", "")
    config: dict[str, Any] = {
        key: value
        for key, value in {
            "census": str(request.census) if request.census else None,
            "seed": request.seed,
        }.items()
        if value is not None
    }
    answer = _ask(
        url,
        """
        mutation Launch($params: ExecutionParams!) {
          launchRun(executionParams: $params) {
            __typename
            ... on LaunchRunSuccess { run { runId } }
            ... on PythonError { message }
            ... on RunConfigValidationInvalid { errors { message } }
          }
        }
        """,
        seconds=CHANGE_SECONDS,
        params={
            "selector": {
                "repositoryLocationName": location,
                "repositoryName": repository,
                "jobName": JOB,
            },
            "runConfigData": {"ops": {"simulation": {"config": config}}},
            "executionMetadata": {
                "tags": [
                    {"key": key, "value": partition_key(plan.scenario_id, year)}
                    for key, year in (
                        (RANGE_START, plan.first_year),
                        (RANGE_END, plan.last_year),
                    )
                ]
            },
        },
    )["launchRun"]
    if answer["__typename"] != "LaunchRunSuccess":
        raise DagsterServerError(f"Dagster did not start the run: {json.dumps(answer)}")
    return answer["run"]["runId"]


def run_status(url: str, run_id: str) -> DagsterRun:
    """How far a run is. Raises `OSError` when the server does not answer."""
    from orchestrator.partitions import year_of

    answer = _ask(
        url,
        """
        query Run($id: ID!) {
          runOrError(runId: $id) {
            __typename
            ... on Run { status startTime endTime tags { key value } }
          }
          logsForRun(runId: $id) {
            ... on EventConnection {
              events {
                __typename
                ... on MessageEvent { message }
                ... on ExecutionStepFailureEvent { failureMetadata { description } }
                ... on MaterializationEvent {
                  metadataEntries { label ... on TextMetadataEntry { text } }
                }
              }
            }
          }
        }
        """,
        id=run_id,
    )
    run, events = answer["runOrError"], answer["logsForRun"].get("events", [])
    if run["__typename"] != "Run":
        raise DagsterServerError(f"Dagster knows no run {run_id}")
    tags = {tag["key"]: tag["value"] for tag in run["tags"]}
    said = [event["message"] for event in events if event["__typename"] == "LogMessageEvent"]
    failures = [
        (event["failureMetadata"] or {}).get("description") or ""
        for event in events
        if event["__typename"] == "ExecutionStepFailureEvent"
    ]
    published = [
        entry["text"]
        for event in events
        for entry in event.get("metadataEntries", [])
        if entry["label"] == "run_id"
    ]
    return DagsterRun(
        run["status"],
        _iso(run["startTime"]),
        _iso(run["endTime"]),
        (year_of(tags[RANGE_START]), year_of(tags[RANGE_END])),
        said[-1].splitlines()[0] if said else "",
        failures[-1] if failures else None,
        published[-1] if published else None,
    )


def messages(url: str, run_id: str) -> list[str]:
    """What the simulation said, in order."""
    answer = _ask(
        url,
        """
        query Log($id: ID!) {
          logsForRun(runId: $id) {
            ... on EventConnection {
              events { __typename ... on MessageEvent { message timestamp } }
            }
          }
        }
        """,
        id=run_id,
    )
    return [
        f"{datetime.fromtimestamp(int(event['timestamp']) / 1000):%H:%M:%S}  {event['message']}"
        for event in answer["logsForRun"].get("events", [])
        if event["__typename"] == "LogMessageEvent"
    ]


def terminate(url: str, run_id: str) -> None:
    """Have the server stop a run; one under way goes on until it notices.

    Raises `OSError` or `DagsterServerError` when the server does not answer, or has no such run
    under way.
    """
    answer = _stop(url, run_id, "SAFE_TERMINATE")
    if (answer.get("run") or {}).get("status") in BEFORE_THE_BEGINNING:
        # Its process takes no word while it is started, but does not begin what was cancelled.
        answer = _stop(url, run_id, "MARK_AS_CANCELED_IMMEDIATELY")
    if answer["__typename"] != "TerminateRunSuccess":
        raise DagsterServerError(f"Dagster did not stop run {run_id}: {json.dumps(answer)}")


def _stop(url: str, run_id: str, policy: str) -> dict[str, Any]:
    return _ask(
        url,
        """
        mutation Stop($id: String!, $policy: TerminateRunPolicy!) {
          terminateRun(runId: $id, terminatePolicy: $policy) {
            __typename
            ... on TerminateRunFailure { message run { status } }
          }
        }
        """,
        seconds=CHANGE_SECONDS,
        id=run_id,
        policy=policy,
    )["terminateRun"]


def _job_location(url: str) -> tuple[str, str] | None:
    answer = _ask(
        url,
        """
        { repositoriesOrError { ... on RepositoryConnection {
            nodes { name location { name } jobs { name } }
        } } }
        """,
    )
    for node in answer["repositoriesOrError"].get("nodes", []):
        if JOB in [job["name"] for job in node["jobs"]]:
            return node["location"]["name"], node["name"]
    return None


def _ask(url: str, query: str, *, seconds: float = SECONDS, **variables: Any) -> dict[str, Any]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(
        f"{url}/graphql", data=body, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=seconds) as response:
            answer = json.load(response)
        if answer.get("errors"):
            raise DagsterServerError(answer["errors"][0]["message"])
        return dict(answer["data"])
    except (http.client.HTTPException, AttributeError, LookupError, TypeError, ValueError) as error:
        # Another service may listen there, and answer anything.
        raise DagsterServerError(f"What answers at {url} is no Dagster server") from error


def _iso(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None

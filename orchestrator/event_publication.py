"""Imported events become a new published result: the old one with a longer log.

Published files are never written (see `orchestrator.publishing`), so the file is copied, the copy
takes the events, and is published in its place. Snapshot and reports stay those of the run:
`planwise replay` shows where the longer log leads elsewhere.
"""

import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb

from orchestrator.database import DATABASE_NAME
from orchestrator.event_import import ImportReport, import_events
from orchestrator.publishing import PublishedRun, new_run_id, publish, published_run
from orchestrator.workspace import workspace


def import_into_published(scenario_id: str, path: Path) -> tuple[ImportReport, PublishedRun]:
    """Append a file of events to the published log of a scenario.

    Raises what `import_events` does, `NotPublishedError`, or `BusyError`; the published result is
    then as it was.
    """
    start = time.monotonic()
    now = datetime.now(UTC)
    run_id = new_run_id(uuid4().hex)
    with workspace(run_id, scenario_id) as directory:
        database = directory / DATABASE_NAME
        try:
            current = published_run(scenario_id)
            shutil.copyfile(current.database, database)
            with duckdb.connect(str(database)) as connection:
                report = import_events(connection, path)
                connection.execute("UPDATE inputs.run SET run_id = $run_id", {"run_id": run_id})
        except BaseException:
            shutil.rmtree(directory)
            raise
        published = publish(
            directory,
            replace(current.identity, run_id=run_id, started_at=now.isoformat(timespec="seconds")),
            years=current.years,
            duration_seconds=time.monotonic() - start,
            published_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
    return report, published

"""Which rules produced a result: a version that changes exactly when the rules do."""

import hashlib
from functools import cache
from importlib.metadata import version

from orchestrator.home import DBT_PROJECT, PROJECT_ROOT


@cache
def code_version() -> str:
    """Package version and a digest of everything that decides a number.

    Equal versions mean equal rules, also without git and with uncommitted changes: the SQL
    models and macros, the validation and tables of the settings, the published limits, and how a
    census is made, read and checked. Settings, levers and census are no rules: each has its own
    hash.
    """
    files = [
        DBT_PROJECT / "dbt_project.yml",
        *DBT_PROJECT.glob("models/**/*.sql"),
        *DBT_PROJECT.glob("macros/**/*.sql"),
        *(PROJECT_ROOT / "config").glob("*.py"),
        PROJECT_ROOT / "config" / "irs_limits.csv",
        PROJECT_ROOT / "config" / "cpi_u_q3.csv",
        *(PROJECT_ROOT / "orchestrator").glob("*census*.py"),
        PROJECT_ROOT / "orchestrator" / "prepare.py",
    ]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(PROJECT_ROOT)).encode())
        digest.update(file.read_bytes())
    return f"{version('planwise-navigator')}+{digest.hexdigest()[:12]}"

"""The unit tests of the dbt project: golden cases on single models."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from orchestrator import home


def test_every_dbt_unit_test_passes(small_run_db: Path, tmp_path: Path) -> None:
    database = tmp_path / small_run_db.name
    shutil.copyfile(small_run_db, database)
    arguments = [
        *("test", "--select", "test_type:unit", "--vars", "{simulation_year: 2025}"),
        *("--project-dir", str(home.DBT_PROJECT), "--profiles-dir", str(home.DBT_PROJECT)),
        *("--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")),
    ]
    tested = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments],
        env={**os.environ, "PLANWISE_DB": str(database), "PLANWISE_HOME": str(tmp_path / "home")},
        cwd=home.PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    files = (home.DBT_PROJECT / "tests" / "unit").glob("*.yml")
    names = [name for file in files for name in re.findall(r"  - name: (\w+)", file.read_text())]
    assert names
    assert [name for name in names if f"::{name} " not in tested.stdout] == []

"""PLANWISE_HOME: the SSN key stays private and stable, and a bad home is explained."""

import os
import resource
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestrator import home


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PLANWISE_SSN_KEY", raising=False)
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_key_is_made_once_and_readable_by_its_owner_only(own_home: Path) -> None:
    key = home.ssn_key()
    assert len(key) == 64
    assert home.ssn_key() == key
    path = own_home / "keys" / "ssn.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["ssn.key"]


def test_the_environment_has_precedence(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    monkeypatch.setenv("PLANWISE_SSN_KEY", "from outside")
    assert home.ssn_key() == b"from outside"
    assert not (own_home / "keys").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_key_file_that_holds_no_key_is_explained(own_home: Path, content: bytes) -> None:
    (own_home / "keys").mkdir(parents=True)
    (own_home / "keys" / "ssn.key").write_bytes(content)
    with pytest.raises(home.HomeError, match=r"ssn\.key is empty or no text"):
        home.ssn_key()


def test_a_home_that_cannot_be_made_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(home.HomeError, match="Set PLANWISE_HOME"):
        home.work_directory()


def test_a_disk_that_takes_nothing_more_gets_no_files_of_dbt(own_home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        directories = home.dbt_directories()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not any(directory.is_relative_to(own_home) for directory in directories)


def test_letters_that_the_locale_cannot_name_are_explained(tmp_path: Path) -> None:
    refused = subprocess.run(
        [Path(sys.executable).with_name("planwise"), "runs"],
        env=os.environ
        | {"PLANWISE_HOME": str(tmp_path / "hömé"), "LC_ALL": "C"}
        | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "Set LC_ALL=C.UTF-8" in refused.stderr


def test_threads_replace_one_file_at_once_and_none_fails(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: home.write_atomically(path, f"{n}"), range(400)))
    assert path.read_text() in map(str, range(400))
    assert list(tmp_path.iterdir()) == [path]

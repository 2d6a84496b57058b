"""The app as a whole: how it starts, what it refuses to start with, what a process of it is."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from flask_app import create_app, is_command_line
from flask_app.config import read_environment
from tests.servers import ROOT, serving


def test_everything_is_below_one_megabyte(app: Flask) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == 1_000_000
    assert app.test_client().post("/api/v1/jobs", data=b"x" * 1_000_001).status_code == 413


def test_the_key_for_sessions_is_kept_in_the_data_folder(app: Flask) -> None:
    kept = app.config["SERVER"].data_dir / "secret_key"
    assert kept.read_text() == app.config["SECRET_KEY"]


def test_a_key_from_the_environment_is_used_and_not_kept(core: object, tmp_path: Path) -> None:
    environ = {"BACKUP_MANAGER_DATA_DIR": str(tmp_path), "SECRET_KEY": "0123456789abcdef"}
    app = create_app(core, read_environment(environ))  # type: ignore[arg-type]
    assert app.config["SECRET_KEY"] == "0123456789abcdef"
    assert not (tmp_path / "secret_key").exists()


def test_importing_the_package_costs_nothing_and_makes_no_app(tmp_path: Path) -> None:
    code = "import sys, flask_app; sys.exit(any(name in sys.modules for name in ('flask', 'core', 'pydantic')))"
    environ = os.environ | {"BACKUP_MANAGER_DATA_DIR": str(tmp_path / "data")}
    assert subprocess.run([sys.executable, "-c", code], env=environ, cwd=ROOT, check=False).returncode == 0
    assert not (tmp_path / "data").exists()


def test_a_wrong_value_stops_the_start_with_one_line(tmp_path: Path) -> None:
    environ = os.environ | {"BACKUP_MANAGER_AUTH": "maybe", "BACKUP_MANAGER_DATA_DIR": str(tmp_path)}
    started = subprocess.run(
        [sys.executable, "-c", "import flask_app; flask_app.create_app()"],
        env=environ, cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert started.returncode == 4
    assert started.stderr == "BACKUP_MANAGER_AUTH is 'maybe'; allowed is auto, required or off.\n"


@pytest.mark.parametrize(("arguments", "expected"), [(["flask", "jobs", "list"], True), (["flask", "run"], False)])
def test_a_flask_command_is_no_server_but_flask_run_is(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: bool
) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    monkeypatch.setattr(sys, "argv", arguments)
    assert is_command_line() is expected


def test_a_server_may_open_as_many_files_as_the_system_lets_it(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 900), hard))
    try:
        with serving(tmp_path, "eventlet") as server:
            main = server.process.pid
            children = map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())
            limits = [resource.prlimit(child, resource.RLIMIT_NOFILE) for child in children]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (hard, hard) in limits

"""The command line: as a process of its own, with and without a server beside it."""

import json
import os
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flask_app.commands.output import exit_status, progress_line
from models.progress import Progress
from models.run import RunState
from tests import build
from tests.servers import ROOT, Server, until
from tests.whole import some

FLASK = str(Path(sysconfig.get_path("scripts")) / "flask")


@dataclass(frozen=True)
class Terminal:
    """Runs commands on one data folder."""

    data: Path

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [FLASK, "--app", "flask_app", *arguments],
            env=os.environ | {"BACKUP_MANAGER_DATA_DIR": str(self.data)},
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def run(self, *arguments: str, status: int = 0) -> tuple[str, str]:
        with self.begin(*arguments) as process:
            said, complained = process.communicate(timeout=60)
        assert process.returncode == status, (said, complained)
        return said, complained

    def json(self, *arguments: str, status: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", status=status)[0])

    def create(self, source: Path, dest: Path, *more: str) -> str:
        source.mkdir(exist_ok=True)
        asked = ("--name", "Photos", "--source", f"{source}/", "--dest", str(dest))
        return self.run("jobs", "create", *asked, *more)[0].strip()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "data")


def test_a_job_is_created_listed_shown_and_deleted(terminal: Terminal, tmp_path: Path) -> None:
    job_id = terminal.create(tmp_path / "source", tmp_path / "dest", "--settings", '{"exclude": ["*.tmp"]}')
    (job,) = terminal.json("jobs", "list")
    assert (job["id"], job["state"], job["settings"]["exclude"]) == (job_id, "never_run", ["*.tmp"])
    assert job == terminal.json("jobs", "show", "Photos")
    assert job_id in terminal.run("jobs", "list")[0]
    assert "never_run" in terminal.run("jobs", "show", job_id)[0]
    for more in ((), ("--json",)):
        assert "say --yes" in terminal.run("jobs", "delete", job_id, *more, status=2)[1]
    assert terminal.json("jobs", "delete", job_id, "--yes") == {"deleted": job_id}
    assert terminal.json("jobs", "list") == []


def test_a_start_that_waits_copies_without_a_server_and_says_how_it_ended(terminal: Terminal, tmp_path: Path) -> None:
    job_id = terminal.create(tmp_path / "source", tmp_path / "dest")
    (tmp_path / "source/a").write_text("content")
    said, shown = terminal.run("jobs", "start", job_id, "--wait")
    assert said.startswith("done.")
    assert "100 %" in shown
    assert (tmp_path / "dest/a").read_text() == "content"
    (run,) = terminal.json("runs", "list", "Photos")
    assert (run["state"], run["trigger"]) == ("done", "command")
    assert terminal.run("jobs", "list")[0].splitlines()[-1].endswith(f"done   {run['ended_at']}")
    assert terminal.json("runs", "show", run["id"]) == run
    assert "exit_code   0" in terminal.run("runs", "show", run["id"])[0]
    log = terminal.run("runs", "log", run["id"])[0]
    assert "rsync" in log
    assert terminal.json("runs", "log", run["id"]) == {"run_id": run["id"], "text": log}


def test_a_preview_and_a_verification_say_what_they_found(terminal: Terminal, tmp_path: Path) -> None:
    job_id = terminal.create(tmp_path / "source", tmp_path / "dest")
    (tmp_path / "source/a").write_text("content")
    (tmp_path / "dest").mkdir()
    assert terminal.run("jobs", "preview", job_id, "--wait")[0].startswith("done. ")
    (preview,) = terminal.json("runs", "list", job_id)
    assert "1 file (7 bytes) new, 0 files (0 bytes) overwritten" in terminal.run("runs", "show", preview["id"])[0]
    terminal.run("jobs", "start", job_id, "--wait")
    (tmp_path / "dest/a").write_text("damaged")
    assert "The copy is not proven" in terminal.run("jobs", "verify", job_id, "--wait", status=1)[0]
    check, _, _ = terminal.json("runs", "list", job_id)
    assert (check["kind"], check["verification"]["mismatches"]) == ("verify", 1)
    assert "Of 1 file, 1 differs." in terminal.run("runs", "show", check["id"])[0]
    assert terminal.json("jobs", "show", job_id)["status"] == "completed"


def test_a_run_that_fails_is_exit_status_one(terminal: Terminal, tmp_path: Path) -> None:
    job_id = terminal.create(tmp_path / "source", tmp_path / "dest")
    (tmp_path / "source").rmdir()
    assert terminal.run("jobs", "start", job_id, "--wait", status=1)[1] != ""


def test_a_job_that_runs_is_75_and_can_be_paused_from_another_terminal(terminal: Terminal, tmp_path: Path) -> None:
    job_id = terminal.create(tmp_path / "source", tmp_path / "dest", "--settings", '{"bandwidth_limit": 2000}')
    (tmp_path / "source/film").write_bytes(bytes(60_000_000))
    with terminal.begin("jobs", "start", job_id, "--wait", "--json") as waiting:
        until(lambda: terminal.json("jobs", "show", job_id)["state"] == "transferring")
        assert "already" in terminal.run("jobs", "start", job_id, status=75)[1]
        assert terminal.json("jobs", "start", job_id, status=75)["error"]["code"] == "job_busy"
        assert terminal.json("jobs", "pause", job_id)["job_id"] == job_id
        said, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 1
    assert json.loads(said)["state"] == "paused"


@pytest.mark.parametrize(
    "arguments",
    some(
        [
            ("jobs", "create", "--name", "x"),
            ("jobs", "create", "--name", "", "--source", "/", "--dest", "relative"),
            ("jobs", "create", "--name", "x", "--source", "/srv/", "--dest", "/d", "--settings", "{"),
            ("jobs", "create", "--name", "x", "--source", "/srv/", "--dest", "/d", "--settings", '{"schedule": 1}'),
            ("jobs", "fly"),
            ("jobs", "start"),
        ],
        1,
        4,
    ),
)
def test_a_wrong_call_is_exit_status_two_and_creates_nothing(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert terminal.run(*arguments, status=2)[1] != ""
    assert terminal.json("jobs", "list") == []


def test_an_unknown_job_is_a_sentence(terminal: Terminal) -> None:
    assert "no such job" in terminal.run("jobs", "start", "Films", status=1)[1]
    assert terminal.json("runs", "show", "../../etc", status=1)["error"]["code"] == "run_not_found"


def test_doctor_looks_at_tools_folders_permissions_files_and_jobs(terminal: Terminal, tmp_path: Path) -> None:
    found = {item["name"]: item["ok"] for item in terminal.json("doctor")}
    points = ("rsync", "rclone", "data folder", "logs", "audit log", "permissions", "files", "jobs")
    assert found == dict.fromkeys(points, True)
    terminal.create(tmp_path / "source", tmp_path / "dest")
    jobs = (terminal.data / "jobs.yaml").read_text()
    (terminal.data / "jobs.yaml").write_text(jobs.replace(str(tmp_path / "dest"), "relative"))
    said, _ = terminal.run("doctor", status=1)
    assert "BAD  jobs: Photos: Its destination cannot be used." in said


def test_doctor_names_what_is_broken_or_open_to_others(terminal: Terminal) -> None:
    terminal.run("jobs", "list")
    (terminal.data / "jobs.yaml").write_text("jobs: [")
    (terminal.data / "templates.yaml").write_text("templates: 5")
    (terminal.data / "secret_key").chmod(0o644)
    (terminal.data / "templates.yaml").chmod(0o644)
    (terminal.data / "audit.jsonl").mkdir(0o700)
    said, _ = terminal.run("doctor", status=1)
    assert "BAD  files: jobs.yaml" in said
    assert "BAD  files: templates.yaml" in said
    assert "BAD  audit log: " in said
    assert f"chmod go= {terminal.data}/secret_key {terminal.data}/templates.yaml" in said


def test_jobs_go_out_as_yaml_as_a_script_and_as_a_line_for_cron(terminal: Terminal, tmp_path: Path) -> None:
    job_id = terminal.create(tmp_path / "source", tmp_path / "dest")
    assert "backup_manager_jobs: 1" in terminal.run("jobs", "export")[0]
    assert "backup_manager_job: 1" in terminal.run("jobs", "export", "Photos")[0]
    assert terminal.run("jobs", "export", job_id, "--as", "script")[0].startswith("#!/bin/sh\n# Photos")
    assert terminal.json("jobs", "export", job_id, "--as", "cron")["text"].splitlines()[-1].startswith("0 3 * * * ")
    assert "Name the job" in terminal.run("jobs", "export", "--as", "script", status=2)[1]
    assert "no such job" in terminal.run("jobs", "export", "Films", status=1)[1]


@pytest.mark.both_modes
def test_a_server_sees_what_the_command_line_does(server: Server, tmp_path: Path) -> None:
    terminal = Terminal(server.data)
    job_id = terminal.create(tmp_path / "source", tmp_path / "dest")
    (tmp_path / "source/a").write_text("content")
    with server.connected() as live:
        assert terminal.run("jobs", "start", job_id, "--wait")[0].startswith("done.")
        assert live.wait_for("job_finished")["job_id"] == job_id
    assert server.api("GET", f"/jobs/{job_id}").json()["data"]["state"] == "done"


def test_the_exit_status_is_the_outcome() -> None:
    assert {
        state: exit_status(build.run(state=state)) for state in RunState if not build.run(state=state).is_active
    } == {
        RunState.DONE: 0,
        RunState.DONE_WITH_WARNINGS: 3,
        RunState.FAILED: 1,
        RunState.PAUSED: 1,
        RunState.INTERRUPTED: 1,
        RunState.CANCELLED: 1,
    }


def test_a_progress_line_tells_what_is_known_and_cannot_move_the_cursor() -> None:
    known = build.run(progress=Progress(1_200_000_000, 2_600_000_000, 46.0, 118_000_000, 9), note="try\r\x1b[2J")
    assert progress_line(known) == (
        "[#############-----------------]  46 %  1.2 GB of 2.6 GB  118 MB/s  9 s left  try\\r\\x1b[2J"
    )
    assert progress_line(build.run(state=RunState.CHECKING)).endswith("]  checking")

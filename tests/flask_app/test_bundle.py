"""The file for a report: what is in it, and that nothing of what was planted is."""

import io
import json
import logging
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flask_app import bundle
from models.job import JobSettings, SshAccess
from models.role import Role
from models.run import Outcome, RunState
from storage.secret_store import SecretStore
from tests.flask_app.pages import Pages
from tests.flask_app.people import doors
from tests.flask_app.test_cli import Terminal
from tests.flask_app.test_server_log import keeping

ADDRESS = "/settings/report.tar.gz"
PRIVATE = {
    "name": "Lohnabrechnung Huber",
    "host": "kanzlei.example",
    "user": "hhuber",
    "path": "/srv/Mandanten Akten",
    "key": "/home/hhuber/.ssh/id_kanzlei",
    "pattern": "*.geheim",
    "tag": "steuerberater",
    "account's name": "frau.huber",
    "password": "rsync-Kennwort-1",
    "session": "Sitzungs-Inhalt-2",
    "account": "Konto-Hash-3",
    "private key": "b3BlbnNzaC1rZXktdjEAAAAAQ0FOQVJZ",
    "typed address": "s3cr3tInUrl",
}


def opened(content: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        members = archive.getmembers()
        assert {member.name.partition("/")[0] for member in members} == {bundle.FOLDER}
        files = {member.name.partition("/")[2]: archive.extractfile(member) for member in members}
        return {name: file.read().decode() for name, file in files.items() if file}


def asked(pages: Pages) -> dict[str, str]:
    answer = pages.get(ADDRESS)
    assert answer.status_code == 200
    return opened(answer.data)


def planted(pages: Pages) -> str:
    """A furnished house with something private in every place; the id of its job."""
    settings = JobSettings(
        ssh=SshAccess(key=PRIVATE["key"]), exclude=(PRIVATE["pattern"],), tags=(PRIVATE["tag"],), bandwidth_limit=1234
    )
    dest = f"{PRIVATE['user']}@{PRIVATE['host']}:{PRIVATE['path']}/"
    job = pages.job(name=PRIVATE["name"], dest=dest, settings=settings)
    reason = f"{PRIVATE['host']} refused {PRIVATE['user']} at {PRIVATE['path']}/2026/x.pdf"
    pages.run(job, RunState.FAILED, outcome=Outcome(reason, "", 12))
    root = pages.core.folder.root
    SecretStore(pages.core.folder).set(job.id, "rsync_password", PRIVATE["password"])
    doors(pages.app).accounts.create(PRIVATE["account's name"], Role.VIEWER, None)
    for name, kind in (("sessions/one", "session"), ("keys/account", "account"), ("keys/id_kanzlei", "private key")):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(PRIVATE[kind])
    return job.id


@pytest.fixture
def logged(pages: Pages) -> Iterator[logging.Logger]:
    """A logger of the server, which keeps its lines."""
    with keeping(pages.core.folder.root):
        yield logging.getLogger("tests")


def test_it_says_what_a_report_needs(pages: Pages, logged: logging.Logger) -> None:
    job_id = planted(pages)
    logged.warning("a thing happened")
    found = asked(pages)
    assert list(found) == [
        "README.txt",
        "versions.json",
        "checks.json",
        "settings.json",
        "jobs.json",
        "runs.json",
        "server.log",
    ]
    versions, checks, settings = (json.loads(found[f"{name}.json"]) for name in ("versions", "checks", "settings"))
    assert {"Flask", "PyYAML"} <= versions["packages"].keys()
    assert versions["tools"]["rsync"].startswith("rsync  version 3")
    assert [check["name"] for check in checks][:3] == ["rsync", "rclone", "data folder"]
    assert settings["settings.yaml"]["max_retry_attempts"] == 10
    (job,) = json.loads(found["jobs.json"])["jobs"]
    assert (job["id"], job["type"], job["settings"]["bandwidth_limit"], job["settings"]["exclude"]) == (
        job_id,
        "rsync",
        1234,
        1,
    )
    assert [side["kind"] for side in job["source_and_dest"]] == ["local", "ssh"]
    (run,) = json.loads(found["runs.json"])
    assert (run["job_id"], run["state"], run["exit_code"]) == (job_id, "failed", 12)
    assert run["reason"] == "<host> refused <user> at <place>"
    assert "warning a thing happened" in found["server.log"]


def test_nothing_private_and_no_secret_is_in_it(pages: Pages, logged: logging.Logger) -> None:
    planted(pages)
    for word in PRIVATE.values():
        logged.error("it failed with %s there", word)
    logged.error("opening rsync://anna:%s@%s/module failed", PRIVATE["typed address"], PRIVATE["host"])
    key = pages.app.config["SECRET_KEY"]
    logged.error("signed with %s", key)
    found = asked(pages)
    assert found["server.log"].count("it failed with") == len(PRIVATE)
    known = {kind: word for kind, word in PRIVATE.items() if kind not in {"session", "account", "typed address"}}
    everything = "\n".join(found.values())
    assert {kind for kind, word in known.items() if word in everything} == set()
    assert key not in everything
    assert f"{PRIVATE['typed address']}@" not in everything
    assert str(pages.core.folder.root) not in everything


def test_sessions_accounts_and_keys_are_not_looked_into(pages: Pages) -> None:
    planted(pages)
    everything = "\n".join(asked(pages).values())
    assert {kind for kind, word in PRIVATE.items() if word in everything} == set()


def test_an_address_with_a_password_that_was_written_into_the_file_by_hand_is_not_in_it(pages: Pages) -> None:
    job_id = planted(pages)
    file = pages.core.folder.jobs_file
    text = file.read_text().replace(
        f"{PRIVATE['user']}@{PRIVATE['host']}:", f"rsync://anna:{PRIVATE['typed address']}@x/m"
    )
    file.write_text(text)
    found = asked(pages)
    assert job_id in found["jobs.json"]
    assert PRIVATE["typed address"] not in "\n".join(found.values())


def test_it_stays_small_however_much_there_is(
    pages: Pages, logged: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MOST_JOBS", 3)
    monkeypatch.setattr(bundle, "MOST_RUNS", 2)
    for number in range(5):
        job = pages.job(id=f"{number}b9f6a1e-3f0c-4a51-9d3e-2f1f5a8f6d10", name=f"Job number {number}")
        pages.run(job, RunState.DONE, id=f"2026112{number}T070204123Z-a1b2c3")
    for number in range(5000):
        logged.error("line %d of very many that say always the same", number)
    found = asked(pages)
    assert (json.loads(found["jobs.json"])["total"], len(json.loads(found["jobs.json"])["jobs"])) == (5, 3)
    assert len(json.loads(found["runs.json"])) == 2
    assert len(found["server.log"]) <= bundle.MOST_LOG
    assert "line 4999 of" in found["server.log"]


def test_the_settings_page_leads_to_it(pages: Pages) -> None:
    assert f'href="{ADDRESS}"' in pages.get("/settings/").text
    disposition = pages.get(ADDRESS).headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="backup-manager-report-')
    assert disposition.endswith('.tar.gz"')


# The command


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "data")


def test_doctor_writes_it_for_its_owner_alone(terminal: Terminal, tmp_path: Path) -> None:
    terminal.create(tmp_path / "source", tmp_path / "dest")
    file = tmp_path / "report.tar.gz"
    file.write_text("an older one")
    file.chmod(0o644)
    said, hint = terminal.run("doctor", "--bundle", str(file))
    assert "ok   data folder" in said
    assert "Look into it before you give it to anybody" in hint
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path).count("report.tar.gz") == 1
    assert not list(tmp_path.glob(".report*"))
    found = opened(file.read_bytes())
    assert json.loads(found["jobs.json"])["total"] == 1
    assert str(tmp_path) not in "\n".join(found.values())


@pytest.mark.parametrize("name", ["report.zip", "missing/report.tar.gz", "folder.tar.gz"])
def test_doctor_writes_nowhere_else(terminal: Terminal, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.tar.gz").mkdir()
    answer: Any = terminal.json("doctor", "--bundle", str(tmp_path / name), status=2)
    assert list(answer["error"]["fields"]) == ["bundle"]
    assert not (tmp_path / name).is_file()

"""A server with a secret in every place where a person can put one, and with recorders before its tools."""

import contextlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from core.container import build_container
from flask_app import create_app
from flask_app.config import read_environment
from flask_app.listen import AsyncMode
from tests import remote_servers
from tests.e2e import remote_hosts
from tests.e2e.remote_hosts import RsyncDaemon, SshHost
from tests.remote_servers import obscured
from tests.security.canaries import RECORDER, Call, Canary, Said, Watch, recorded
from tests.servers import Server, serving

TOOLS = {name: shutil.which(name, path="/usr/local/bin:/usr/bin:/bin") for name in ("rsync", "rclone", "ssh")}
SECRETS, CONF, JOBS = r"data/secrets\.yaml", r"home/\.config/rclone/rclone\.conf", r"data/(jobs\.yaml|generations/.*)"
# What was typed stands in the form that comes back to whoever typed it; all others are said nowhere at all.
PLACES = {
    "rsync password by API": {"homes": SECRETS},
    "rsync password by form": {"homes": SECRETS},
    "rsync password by command": {"homes": SECRETS},
    "rsync password changed": {"homes": SECRETS},
    "password in a refused form": {},
    "password in a check": {},
    "password in the folder browser": {},
    "password in an address, by form": {"told": r"POST /jobs/(create|check|catch)"},
    "password in an address, by API": {},
    "password in an address, by hand": {"homes": JOBS},
    "password of an unnamed remote, by hand": {"homes": JOBS},
    "password in a list of jobs": {},
    "password in a crontab": {"told": r"POST /jobs/adopt"},
    "WebDAV password": {},
    "S3 secret key": {"homes": CONF},
    "token in rclone.conf": {"homes": CONF},
    "password for no encrypted rclone.conf": {},
    "our own ssh key": {"homes": r"data/keys/nas/id_ed25519"},
    "a person's ssh key": {"homes": r"host/user key"},
    "SECRET_KEY": {},
    "RSYNC_PASSWORD in the environment": {},
    "RCLONE_CONFIG_PASS in the environment": {},
    "cloud key in the environment": {},
    "account's password": {},
    "wrong password": {},
    "password in the field for the name": {"told": r"POST /login"},
    "API token": {"told": r"\$ tokens create.*"},
    "wrong token": {},
    "cookie of a login": {"told": r"POST /login"},
}
BROKEN_BUILDS = Path(__file__).resolve().parents[1] / "faults" / "kills_broken"
ENVIRONMENT = {
    "SECRET_KEY": "SECRET_KEY",
    "RSYNC_PASSWORD": "RSYNC_PASSWORD in the environment",
    "RCLONE_CONFIG_PASS": "RCLONE_CONFIG_PASS in the environment",
    "AWS_SECRET_ACCESS_KEY": "cloud key in the environment",
}


@dataclass
class World:
    """What runs, what was planted, and all that was said. `job_ids` and `run_ids` grow with what is done."""

    root: Path
    server: Server
    daemon: RsyncDaemon
    host: SshHost
    cloud: int
    watch: Watch
    secrets: dict[str, str]
    said: list[Said] = field(default_factory=list)
    job_ids: dict[str, str] = field(default_factory=dict)
    run_ids: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def app(self) -> Flask:
        """Another process would have the same beside the server."""
        folder = self.root / "data"
        return create_app(build_container(folder), read_environment({"BACKUP_MANAGER_DATA_DIR": str(folder)}))

    @property
    def canaries(self) -> list[Canary]:
        return [Canary(name, self.secrets[name], **PLACES[name]) for name in PLACES]

    def session(self) -> requests.Session:
        """A visitor whose every answer is kept, headers too."""
        session = requests.Session()
        session.hooks["response"].append(self._keep)
        return session

    def _keep(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
            return
        path = str(answer.request.path_url).partition("?")[0]
        heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        self.said += [Said(f"{answer.request.method} {path}", piece) for piece in (answer.content, heads)]

    def command(self, *words: str, given: str = "") -> str:
        """`flask …` in this process; what it printed is kept and given."""
        result = self.app.test_cli_runner().invoke(args=list(words), input=given)
        self.said.append(Said(f"$ {' '.join(words)}", result.output_bytes))
        return result.output

    def calls(self) -> list[Call]:
        """Of all tools, and of every other process that came from the server, but not the server itself."""
        home = str(self.root / "home")  # whatever else this machine does at the same time has another one
        ours = [call for call in self.watch.calls if call.environment.get("HOME") == home]
        return recorded(self.root / "calls") + [call for call in ours if "gunicorn" not in " ".join(call.words)]


@contextlib.contextmanager
def canary_world(root: Path, mode: AsyncMode, broken: str = "") -> Iterator[World]:
    """Everything planted that stands in files or in the environment; the rest is typed in `canary_use`.

    `broken` names the defence that the server is to be without.
    """
    for name in ("home/.config/rclone", "home/.ssh", "bin", "tmp", "cloud", "source/folder"):
        (root / name).mkdir(parents=True)
    (root / "source/photo.jpg").write_text("content")
    (root / "source/folder/film.mkv").write_text("longer content")
    planted = {name: f"canary-{number:02}-{secrets.token_hex(10)}" for number, name in enumerate(PLACES)}
    planted |= {"rsync password by API": remote_hosts.PASSWORD, "WebDAV password": remote_servers.PASSWORD}
    _put_recorders(root)
    former = os.umask(0)  # what is private is so whatever the server is started with
    try:
        with contextlib.ExitStack() as stack:
            daemon = stack.enter_context(RsyncDaemon(root / "daemon"))
            host = stack.enter_context(SshHost(root / "host"))
            cloud = stack.enter_context(remote_servers.serving("webdav", root / "cloud"))
            _write_conf(root, planted["token in rclone.conf"])
            planted["a person's ssh key"] = _middle(host.key)
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            for name, value in {"HOME": root / "home", "TMPDIR": root / "tmp"}.items():
                patch.setenv(name, str(value))
            patch.setenv("PATH", f"{root}/bin:{os.environ['PATH']}")
            watch = stack.enter_context(Watch())
            environment = {name: planted[canary] for name, canary in ENVIRONMENT.items()}
            environment |= {"PROVE_BROKEN": broken, "PYTHONPATH": str(BROKEN_BUILDS)} if broken else {}
            server = stack.enter_context(serving(root / "data", mode, **environment))
            yield World(root, server, daemon, host, cloud, watch, planted)
    finally:
        os.umask(former)


def _put_recorders(root: Path) -> None:
    recorder = root / "bin/recorder"
    python = Path(sys.executable).resolve()
    recorder.write_text(RECORDER.format(python=python, records=root / "calls", tools=TOOLS))
    recorder.chmod(0o755)
    for name in TOOLS:
        (root / "bin" / name).symlink_to(recorder)


def _write_conf(root: Path, token: str) -> None:
    conf = root / "home/.config/rclone/rclone.conf"
    conf.write_text(f'[drive]\ntype = drive\ntoken = {{"access_token":"{token}","expiry":"2030-01-01T00:00:00Z"}}\n')
    conf.chmod(0o600)


def _middle(key: Path) -> str:
    """A line of what is private in it."""
    return key.read_text().splitlines()[3]


def webdav_fields(world: World) -> dict[str, str]:
    return {
        "kind": "webdav",
        "name": "cloud",
        "url": f"http://127.0.0.1:{world.cloud}/",
        "vendor": "other",
        "user": remote_servers.USER,
        "pass": world.secrets["WebDAV password"],
    }


def hidden_form(world: World) -> Canary:
    """What rclone.conf holds in the place of the WebDAV password can be turned back, so it is a secret as well."""
    lines = (world.root / "home/.config/rclone/rclone.conf").read_text().splitlines()
    [value] = [line.removeprefix("pass = ") for line in lines if line.startswith("pass = ")]
    assert value != obscured("")
    return Canary("obscured WebDAV password", value, CONF)


def own_key(world: World) -> str:
    return _middle(world.root / "data/keys/nas/id_ed25519")

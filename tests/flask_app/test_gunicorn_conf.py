"""How gunicorn.conf.py makes a real gunicorn behave; the app behind it is tests/flask_app/tiny.py."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from flask_app.listen import AsyncMode

pytestmark = pytest.mark.both_modes

ROOT = Path(__file__).resolve().parents[2]
APP = "tests.flask_app.tiny:create_app()"
GUNICORN = str(Path(sysconfig.get_path("scripts")) / "gunicorn")
CONFIGURED = ["-c", "gunicorn.conf.py", APP]


@dataclass(frozen=True)
class Server:
    """A running gunicorn and what it printed, line by line."""

    process: subprocess.Popen[str]
    lines: "Queue[str]"
    port: str

    def get(self, path: str = "/") -> str:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def ends_within(self, seconds: float) -> tuple[int, str]:
        status = self.process.wait(seconds)
        printed = []
        while (line := self.lines.get(timeout=5)) != "":
            printed.append(line)
        return status, "".join(printed)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def gunicorn(mode: AsyncMode, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    setting = {"BACKUP_MANAGER_PORT": str(free_port()), "BACKUP_MANAGER_ASYNC_MODE": mode} | dict(environ or {})
    process = subprocess.Popen(
        [sys.executable, GUNICORN, *arguments],
        cwd=ROOT,
        env=os.environ | setting,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: Queue[str] = Queue()
    reader = threading.Thread(target=_pass_on, args=(process, lines))
    reader.start()
    try:
        yield Server(process, lines, setting["BACKUP_MANAGER_PORT"])
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        reader.join(10)


def _pass_on(process: subprocess.Popen[str], lines: "Queue[str]") -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def answers(server: Server, deadline: float = 20) -> str:
    end = time.monotonic() + deadline
    while True:
        try:
            return server.get()
        except (URLError, ConnectionError):
            if server.process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_it_says_in_one_line_where_it_is_and_serves_in_the_mode_asked_for(server_mode: AsyncMode) -> None:
    with gunicorn(server_mode, *CONFIGURED) as server:
        assert server.lines.get(timeout=20).startswith(f"Backup Manager is at http://127.0.0.1:{server.port} ")
        assert answers(server) == server_mode
        assert server.lines.empty()


def test_a_child_inherits_no_listening_socket_and_no_connection(server_mode: AsyncMode) -> None:
    with gunicorn(server_mode, *CONFIGURED) as server:
        answers(server)
        descriptors = server.get("/child")
        assert "pipe:" in descriptors
        assert "socket:" not in descriptors


def test_term_returns_within_five_seconds_with_connections_open(server_mode: AsyncMode) -> None:
    with gunicorn(server_mode, *CONFIGURED) as server:
        answers(server)
        with urlopen(f"http://127.0.0.1:{server.port}/endless", timeout=10) as endless:
            assert endless.readline() == b"more\n"
            server.process.terminate()
            status, printed = server.ends_within(5)
        assert status == 0
        assert "SIGKILL" not in printed


def test_several_workers_are_refused_with_one_line(server_mode: AsyncMode) -> None:
    with gunicorn(server_mode, "--workers", "4", *CONFIGURED) as server:
        status, printed = server.ends_within(20)
    assert status == 1
    assert printed == "More than one worker is not supported: start gunicorn with --workers 1.\n"


def test_several_workers_are_refused_without_our_configuration(server_mode: AsyncMode, tmp_path: Path) -> None:
    with plain_gunicorn(server_mode, tmp_path, "--workers", "4") as server:
        status, printed = server.ends_within(40)
    assert status != 0
    assert "More than one worker is not supported: start gunicorn with --workers 1.\n" in printed


def test_a_worker_without_our_configuration_is_patched_before_the_app_is_imported(
    server_mode: AsyncMode, tmp_path: Path
) -> None:
    with plain_gunicorn(server_mode, tmp_path, "--workers", "1") as server:
        assert answers(server) == server_mode


@contextlib.contextmanager
def plain_gunicorn(mode: AsyncMode, folder: Path, *arguments: str) -> Iterator[Server]:
    """gunicorn would take the gunicorn.conf.py of the folder it is started in, so it gets an empty one."""
    (folder / "empty.py").touch()
    port = str(free_port())
    worker_class = "gthread" if mode == "threading" else "eventlet"
    plain = ["-c", str(folder / "empty.py"), "--worker-class", worker_class, "--bind", f"127.0.0.1:{port}"]
    environ = {"BACKUP_MANAGER_PORT": port}
    with gunicorn(mode, *plain, "--no-control-socket", *arguments, APP, environ=environ) as server:
        yield server


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--worker-class", "sync", "--threads", "1"], "The worker class sync is not supported: "),
    ],
)
def test_options_that_overrule_the_configuration_are_judged_too(
    server_mode: AsyncMode, options: list[str], sentence: str
) -> None:
    with gunicorn(server_mode, *options, *CONFIGURED) as server:
        status, printed = server.ends_within(20)
    assert status == 1
    assert printed.startswith(sentence)
    assert printed.count("\n") == 1


def test_a_reload_replaces_the_worker_and_goes_on_serving(server_mode: AsyncMode) -> None:
    with gunicorn(server_mode, *CONFIGURED) as server:
        answers(server)
        before = children(server.process.pid)
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 20
        while set(children(server.process.pid)) & set(before) or not children(server.process.pid):
            assert time.monotonic() < deadline, "the old worker is still there"
            assert server.process.poll() is None
            time.sleep(0.05)
        assert answers(server) == server_mode


def test_an_upgrade_in_place_hands_the_port_to_a_new_master(server_mode: AsyncMode) -> None:
    with gunicorn(server_mode, *CONFIGURED) as server:
        answers(server)
        server.process.send_signal(signal.SIGUSR2)
        assert "Backup Manager is at" in server.lines.get(timeout=20)
        assert "Backup Manager is at" in server.lines.get(timeout=20)
        server.process.terminate()
        assert server.process.wait(10) == 0
        assert answers(server) == server_mode


def test_a_busy_port_is_one_line_that_names_its_holder(server_mode: AsyncMode) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with gunicorn(server_mode, *CONFIGURED, environ={"BACKUP_MANAGER_PORT": str(port)}) as server:
            status, printed = server.ends_within(20)
    assert status == 1
    assert printed.startswith(f"Port {port} is already in use by ")
    assert f"(pid {os.getpid()})" in printed
    assert f"BACKUP_MANAGER_PORT={port + 1}" in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BACKUP_MANAGER_PORT", "http"),
        ("BACKUP_MANAGER_HOST", "192.0.2.7"),
        ("BACKUP_MANAGER_ASYNC_MODE", "gevent"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(server_mode: AsyncMode, variable: str, value: str) -> None:
    with gunicorn(server_mode, *CONFIGURED, environ={variable: value}) as server:
        status, printed = server.ends_within(20)
    assert status == 1
    assert variable in printed
    assert value in printed
    assert printed.count("\n") == 1

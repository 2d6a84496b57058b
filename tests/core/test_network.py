"""Asking a host whether it answers, with real sockets and programs."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from core import knock
from core.network import Network
from core.orders import Orders
from core.plan import Plan
from core.process_facts import groups_of_run
from engines.base import Address, Engine, Location, Notice, Step, Tool, Verdict
from models.run import RunState
from tests import build
from tests.bench.server import free_port
from tests.e2e.remote_hosts import SilentHost
from utils.clock import SystemClock

RUN_ID = "20261121T070204123Z-a1b2c3"


class StandingOrders:
    """Orders without signals: `current` is what the test says."""

    def __init__(self) -> None:
        self.current = ""

    def look(self) -> None:
        """Nothing is read anywhere."""

    def wait(self, seconds: float, *_descriptors: int) -> None:
        time.sleep(min(seconds, 0.01))


def network(probe: Address | Step | None, orders: StandingOrders | None = None) -> Network:
    sides = (Location("/srv/photos/"), Location("/data", "nas.lan", kind="ssh"))
    asked = SimpleNamespace(
        probe=lambda job, context: probe,
        locations=lambda job: sides,
        reader=lambda job, settled_bytes: SimpleNamespace(notice=lambda line: Notice("error", line.decode())),
        verdict=lambda code, tail: Verdict(RunState.FAILED, retry="connection refused" in tail),
    )
    plan = Plan(build.job(), Tool("/usr/bin/rsync", (3, 5, 0)))
    return Network(cast("Engine", asked), plan, RUN_ID, cast("Orders", orders or StandingOrders()), SystemClock())


def nothing() -> None:
    """What is done meanwhile."""


def listener(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def test_a_host_answers_while_somebody_listens() -> None:
    port = free_port()
    asked = network(Address("127.0.0.1", port))
    assert asked.host == "nas.lan"
    answers = []
    for is_there in (False, True, False):
        if is_there:
            with listener(port):
                answers.append(asked.answers(nothing))
        else:
            answers.append(asked.answers(nothing))
    assert answers == [False, True, False]


def test_a_job_without_another_host_needs_no_answer() -> None:
    asked = network(None)
    assert asked.answers(nothing)
    assert asked.host == ""


@pytest.mark.parametrize(
    ("argv", "answer"),
    [
        (("/bin/true",), True),
        (("/bin/sh", "-c", "echo {}; exit 1"), True),
        (("/bin/sh", "-c", "echo 'connection refused' >&2; exit 1"), False),
        (("/bin/sh", "-c", "kill -9 $$"), False),
        (("/bin/no-such-program",), False),
    ],
)
def test_a_program_answers_by_its_end_and_a_refusal_is_an_answer_too(argv: tuple[str, ...], answer: bool) -> None:
    assert network(Step(RunState.CHECKING, argv)).answers(nothing) is answer


def test_an_order_cuts_a_question_short_and_leaves_no_process() -> None:
    orders, meanwhile = StandingOrders(), 0

    def look() -> None:
        nonlocal meanwhile
        meanwhile += 1
        if groups_of_run(RUN_ID):
            orders.current = "pause"

    with SilentHost() as silent:
        started = time.monotonic()
        assert not network(Address("127.0.0.1", silent.port), orders).answers(look)
    assert time.monotonic() - started < 5
    assert meanwhile >= 1
    assert groups_of_run(RUN_ID) == []


def test_a_host_that_says_nothing_does_not_answer() -> None:
    with SilentHost() as silent:
        assert knock.main("127.0.0.1", str(silent.port), "0.2") == 1


@pytest.mark.parametrize("name", ["x" * 70 + ".lan", "a..b"])
def test_a_name_that_cannot_be_looked_up_does_not_answer(name: str) -> None:
    assert knock.main(name, "22", "5") == 1


def test_only_the_host_itself_is_asked(traced: Callable[[list[str]], list[str]]) -> None:
    port = free_port()
    with listener(port):
        met = traced([sys.executable, "-I", "-S", knock.__file__, "127.0.0.1", str(port), "5"])
    assert met == [f"127.0.0.1:{port}"]


def test_who_is_asked_hears_nothing() -> None:
    heard: list[bytes] = []

    def serve(door: socket.socket) -> None:
        with door.accept()[0] as caller:
            heard.append(caller.recv(100))

    port = free_port()
    with listener(port) as door:
        serving = threading.Thread(target=serve, args=(door,))
        serving.start()
        assert network(Address("127.0.0.1", port)).answers(nothing)
        serving.join(10)
    assert heard == [b""]


@pytest.fixture
def traced(tmp_path: Path) -> Callable[[list[str]], list[str]]:
    """Runs a program; every address outside this machine's files that it or its children connected or sent to."""
    said = tmp_path / "strace"

    def run(argv: list[str]) -> list[str]:
        tool = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(said)]
        subprocess.run([*tool, *argv], env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=True, timeout=60)
        return addresses(said.read_text())

    return run


def addresses(trace: str) -> list[str]:
    """`host:port` of all the network addresses in strace's output."""
    plain = r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)'
    return sorted({f"{host}:{port}" for port, host in re.findall(plain, trace)} | set(re.findall(r"AF_INET6", trace)))

"""Whether the other side of a job answers; it asks that host and no other, and decides nothing."""

import os
import signal
import subprocess  # nosec B404 # for a type; core/process.py starts what there is
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO

from core.orders import Orders
from core.plan import Plan
from core.process import end_groups, start_tool
from core.process_facts import RUN_VARIABLE
from engines.base import Address, Engine, Step
from models.run import RunState
from utils.clock import Clock

_KNOCK = Path(__file__).with_name("knock.py")
_PATIENCE = 5.0  # seconds for one connection
_LAST_WORDS = 16384  # bytes of what a program said that are read
_LIMIT = 30.0  # seconds for the whole question, looking up the name and starting a program included


class Network:
    """The host of one run. Lives in the supervisor's only thread."""

    def __init__(self, engine: Engine, plan: Plan, run_id: str, orders: Orders, clock: Clock) -> None:
        self._engine, self._plan = engine, plan
        self._orders, self._clock, self._run_id = orders, clock, run_id

    @cached_property
    def _step(self) -> Step | None:
        return _question(self._engine, self._plan)

    @property
    def _is_knock(self) -> bool:
        return self._step is not None and str(_KNOCK) in self._step.argv

    @cached_property
    def host(self) -> str:
        """Its name; "" where there is nobody to ask."""
        return _host(self._engine, self._plan) if self._step else ""

    def answers(self, meanwhile: Callable[[], object]) -> bool:
        """Ask once; False where an order cuts the question short. `meanwhile` is called at least once a second."""
        if self._step is None:
            return True
        environment = {**self._step.environment, RUN_VARIABLE: self._run_id}
        with open(os.memfd_create("answer"), "w+b") as output:
            try:
                child = start_tool(self._step.argv, environment, output, 0, 0o077)
            except OSError:
                return False
            return self._is_answer(self._exit_of(child, meanwhile), output)

    def _exit_of(self, child: "subprocess.Popen[bytes]", meanwhile: Callable[[], object]) -> int | None:
        """How it ended, None where it was given no more time; it has ended."""
        deadline = self._clock.monotonic() + _LIMIT
        while child.poll() is None and not self._orders.current and self._clock.monotonic() < deadline:
            meanwhile()
            self._orders.wait(0.5)
            self._orders.look()
        answer = child.poll()
        with suppress(ProcessLookupError):
            end_groups([child.pid], signal.SIGKILL)
        child.wait()
        return answer

    def _is_answer(self, code: int | None, output: IO[bytes]) -> bool:
        """A refusal is an answer too: silence is only what the engine would have tried again."""
        if not code or code < 0 or self._is_knock:
            return code == 0
        output.seek(max(0, output.seek(0, os.SEEK_END) - _LAST_WORDS))
        reader = self._engine.reader(self._plan.job, 0)
        notices = [reader.notice(line) for line in output.read().splitlines()]
        return not self._engine.verdict(code, tuple(notice.text for notice in notices if notice)).retry


def _question(engine: Engine, plan: Plan) -> Step | None:
    """The program that asks; None where both sides are on this machine."""
    probe = engine.probe(plan.job, plan.context(False, os.geteuid() == 0))
    if not isinstance(probe, Address):
        return probe
    argv = (sys.executable, "-I", "-S", str(_KNOCK), probe.host, str(probe.port), str(_PATIENCE))
    return Step(RunState.WAITING, argv)


def _host(engine: Engine, plan: Plan) -> str:
    names = dict.fromkeys(side.host for side in engine.locations(plan.job) if not side.is_local)
    return " and ".join(names)

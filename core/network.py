"""Whether the other side of a job answers; it asks that host and no other, and decides nothing."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from core.orders import Orders
from core.plan import Plan
from core.process import end_groups, start_tool
from core.process_facts import RUN_VARIABLE
from engines.base import Address, Engine, Step
from models.run import RunState
from utils.clock import Clock

_KNOCK = Path(__file__).with_name("knock.py")
_PATIENCE = 5.0  # seconds for one connection
_LIMIT = 30.0  # seconds for the whole question, looking up the name and starting a program included


class Network:
    """The host of one run. Lives in the supervisor's only thread."""

    def __init__(self, engine: Engine, plan: Plan, run_id: str, orders: Orders, clock: Clock) -> None:
        self._engine, self._plan = engine, plan
        self._orders, self._clock, self._run_id = orders, clock, run_id

    @cached_property
    def _step(self) -> Step | None:
        return _question(self._engine, self._plan)

    @cached_property
    def host(self) -> str:
        """Its name; "" where there is nobody to ask."""
        return _host(self._engine, self._plan) if self._step else ""

    def answers(self, meanwhile: Callable[[], object]) -> bool:
        """Ask once; False where an order cuts the question short. `meanwhile` is called at least once a second."""
        if self._step is None:
            return True
        environment = {**self._step.environment, RUN_VARIABLE: self._run_id}
        try:
            with open(os.devnull, "wb") as nowhere:
                child = start_tool(self._step.argv, environment, nowhere, 0, 0o077)
        except OSError:
            return False
        deadline = self._clock.monotonic() + _LIMIT
        while child.poll() is None and not self._orders.current and self._clock.monotonic() < deadline:
            meanwhile()
            self._orders.wait(0.5)
            self._orders.look()
        answer = child.poll()
        with suppress(ProcessLookupError):
            end_groups([child.pid], signal.SIGKILL)
        child.wait()
        return answer == 0


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

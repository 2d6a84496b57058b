"""The wait between two tries of a run: for a while, or for a host that does not answer; it judges no try."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from core.journal import RunJournal
from core.network import Network
from core.orders import Orders
from engines.base import Verdict
from models.run import Outcome, RunState
from utils.clock import Clock
from utils.sizes import duration

_FIRST_WAIT = 5.0
_LONGEST_WAIT = 300.0
_FIRST_DOUBT = 300.0
_LONGEST_DOUBT = 1800.0
LONGEST_SILENCE = 86400.0


@dataclass(frozen=True, slots=True)
class WaitEnd:
    """How a wait ended: by an `order` ("" = none), because the host never answered, or with another try.

    `is_counted`: the next try is one of those that the run may have.
    """

    order: str = ""
    gave_up: bool = False
    is_counted: bool = True


class BackOff:
    """All waits of one run. A host that is silent costs no tries, but a day at most.

    Who asks need not reach a host as its tool does (an alias or a jump in ssh's configuration), so
    now and then the tool itself has a try although nobody answered.
    """

    def __init__(
        self, journal: RunJournal, orders: Orders, network: Network, clock: Clock, interval: float, attempts: int
    ) -> None:
        self._journal, self._orders, self._network, self._clock = journal, orders, network, clock
        self._interval, self._attempts = interval, attempts
        self._silent_since: float | None = None
        self._doubt = _FIRST_DOUBT

    @property
    def host(self) -> str:
        """Who is waited for; "" where there is nobody to ask."""
        return self._network.host

    def before(self, attempt: int, verdict: Verdict) -> WaitEnd:
        """Wait until the try number `attempt` may begin; the last one ended with `verdict`."""
        seconds = min(_FIRST_WAIT * 2 ** (attempt - 2), _LONGEST_WAIT) * _jitter()
        host = self._network.host
        self._journal.move(
            RunState.WAITING,
            note=f"asking whether {host} answers" if host else self._trying_again(seconds, attempt),
            attempt=attempt,
            outcome=Outcome(verdict.reason, verdict.next_step),
        )
        if self._network.answers(self._journal.tick):
            self._silent_since, self._doubt = None, _FIRST_DOUBT
            return WaitEnd(self._pass(seconds, lambda left: self._trying_again(left, attempt)))
        return self._until_it_answers()

    def _until_it_answers(self) -> WaitEnd:
        """The first questions soon, then one each interval."""
        began = self._clock.monotonic()
        self._silent_since = self._silent_since or began
        self._say_silent()
        seconds = min(_FIRST_WAIT, self._interval)
        while not (order := self._pass(seconds * _jitter(), self._for_the_host)):
            if self._network.answers(self._journal.tick):
                return self._answered()
            now = self._clock.monotonic()
            if now - self._silent_since >= LONGEST_SILENCE:
                return WaitEnd(self._orders.current, gave_up=True)
            if now - began >= self._doubt:
                return self._doubted()
            seconds = self._interval
        return WaitEnd(order)

    def _say_silent(self) -> None:
        if self._orders.current:
            return
        host = self._network.host
        self._journal.note(self._for_the_host(0))
        self._journal.record(waits_for=host)
        self._journal.say("warn", f"{host} does not answer. It is asked again every {duration(self._interval)}.")

    def _answered(self) -> WaitEnd:
        self._silent_since, self._doubt = None, _FIRST_DOUBT
        self._journal.say("info", f"{self._network.host} answers again.")
        return WaitEnd()

    def _doubted(self) -> WaitEnd:
        self._doubt = min(self._doubt * 2, _LONGEST_DOUBT)
        self._journal.say("info", f"{self._network.host} does not answer yet; trying it all the same.")
        return WaitEnd(self._orders.current, is_counted=False)

    def _for_the_host(self, _left: float) -> str:
        return f"for {self._network.host} to answer"

    def _trying_again(self, seconds: float, attempt: int) -> str:
        return f"trying again in {duration(max(1.0, seconds))}, {attempt} of {self._attempts}"

    def _pass(self, seconds: float, note: Callable[[float], str]) -> str:
        """Let the time go by; the order that ended it, or ""."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            if order := self._orders.current:
                return order
            self._journal.note(note(left))
            self._journal.tick()
            self._orders.wait(min(left, 1.0))
            self._orders.look()
        return self._orders.current


def _jitter() -> float:
    """0.8 to 1.2, so that many jobs do not come back to a host at the same moment."""
    return 0.8 + 0.4 * os.urandom(1)[0] / 255

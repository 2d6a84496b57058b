"""A tool that died of a signal."""

import signal

import pytest

from engines.signals import signal_name, signal_verdict
from models.run import RunState


@pytest.mark.parametrize("number", range(1, 65))
def test_every_signal_fails_the_run_and_is_named(number: int) -> None:
    verdict = signal_verdict(number)
    assert verdict.state is RunState.FAILED
    assert signal_name(number) in verdict.reason
    assert verdict.next_step.endswith(".")
    assert not verdict.retry


def test_a_kill_points_to_the_memory() -> None:
    assert "out of memory" in signal_verdict(signal.SIGKILL).reason
    assert signal_name(99) == "signal 99"

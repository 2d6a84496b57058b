"""Telling facts within a process."""

import pytest

from core.bus import EventBus
from models.events import Event, JobsChanged, RunChanged, RunLogged
from tests import build


def test_listeners_hear_in_order_and_one_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    bus, heard = EventBus(), list[str]()

    def fail(_event: Event) -> None:
        raise ValueError("a defect")

    bus.subscribe(lambda _event: heard.append("first"))
    bus.subscribe(fail)
    bus.subscribe(lambda _event: heard.append("last"))
    bus.publish(JobsChanged())
    assert heard == ["first", "last"]
    assert "A listener failed on JobsChanged" in caplog.text


def test_the_line_of_a_failed_listener_says_which_run_it_was_about(caplog: pytest.LogCaptureFixture) -> None:
    bus, run = EventBus(), build.run()

    def fail(_event: Event) -> None:
        raise ValueError("a defect")

    bus.subscribe(fail)
    bus.publish(RunChanged(run))
    bus.publish(RunLogged(run.id, run.job_id, 0, "text"))
    named = [(record.__dict__["run_id"], record.__dict__["job_id"]) for record in caplog.records]
    assert named == [(run.id, run.job_id)] * 2

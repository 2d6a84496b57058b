"""Telling facts within a process."""

import pytest

from core.bus import EventBus
from models.events import Event, JobsChanged


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

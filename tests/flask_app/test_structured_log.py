"""The process log."""

import json
import logging

import pytest
import structlog

from flask_app.structured_log import configure_logging


def test_a_value_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("text")
    structlog.get_logger("test").warning("refused", path="/x\n2026-01-01 info all is well")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "warning refused path='/x\\n2026" in lines[0]


def test_json_has_one_object_per_line_with_the_traceback_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        logging.getLogger("library").exception("it failed")
    (line,) = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert (record["level"], record["event"]) == ("error", "it failed")
    assert "ValueError" in record["exception"]

"""The process log."""

import json
import logging

import pytest
import structlog

from flask_app.config import LogFormat
from flask_app.structured_log import configure_logging
from utils.text import HOSTILE as HOSTILE_CHARACTERS


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


HOSTILE = "\x1b[2J \x7f \x9b1m \u202e \u2028 \r\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_control_characters_have_no_power_in_any_place(form: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(form)
    try:
        raise ValueError(f"broken {HOSTILE} here")
    except ValueError:
        logging.getLogger("library").exception("event %s", HOSTILE)
        structlog.get_logger("ours").exception(f"event {HOSTILE}", path=HOSTILE, names=[HOSTILE])
    printed = capsys.readouterr().err
    shown = "".join(map(all_texts, map(json.loads, printed.splitlines()))) if form == "json" else printed
    assert "\\u202e" in shown
    assert HOSTILE_CHARACTERS.findall(shown.replace("\n", "")) == []


def all_texts(record: dict[str, object]) -> str:
    """As a reader of JSON prints them."""
    return "\n".join(map(str, record.values()))


def test_a_line_of_the_standard_library_says_which_run_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    logging.getLogger("core").error("odd", extra={"run_id": "r", "job_id": "j", "else": "no"})
    record = json.loads(capsys.readouterr().err)
    assert (record["run_id"], record["job_id"]) == ("r", "j")
    assert "else" not in record


def test_what_gunicorn_says_has_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    server = logging.getLogger("gunicorn.error")
    server.addHandler(logging.StreamHandler())
    configure_logging("json")
    server.error("Worker failed\x1b")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "Worker failed\\x1b"

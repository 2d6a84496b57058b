"""Exit codes, recorded causes, and words."""

import re

import pytest

from engines.rsync_words import VERDICTS, verdict
from models.run import RunState
from tests.engines import samples

DOCUMENTED = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    30,
    35,
    124,
    125,
    126,
    127,
    255,
)
RETRIED = {10, 12, 30, 35, 125, 255}
STATES = {0: RunState.DONE, 24: RunState.DONE, 23: RunState.DONE_WITH_WARNINGS}
# A tool that lies: every word that could mislead, in one output.
LIES = (
    "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1) [sender=3.5.0]",
    'rsync: [receiver] write failed on "/d/x": No space left on device (28)',
    "Host key verification failed.",
    "@ERROR: auth failed on module data",
    "deleting everything",
    "Total file size: 0 bytes",
)


@pytest.mark.parametrize("code", range(256))
def test_every_exit_code_has_its_state_and_sentences(code: int) -> None:
    found = verdict(code, ())
    assert found.state is STATES.get(code, RunState.FAILED)
    assert found.retry is (code in RETRIED)
    if code:
        assert found.reason.endswith(".")
    if found.state is not RunState.DONE:
        assert found.next_step.endswith(".")


def test_the_table_holds_every_documented_code() -> None:
    assert set(VERDICTS) == set(DOCUMENTED)


@pytest.mark.parametrize("code", range(256))
def test_text_never_decides_the_state(code: int) -> None:
    assert verdict(code, LIES).state is verdict(code, ()).state


def test_the_delete_limit_is_named() -> None:
    assert "stopped at the delete limit" in verdict(25, ()).reason


def test_sentences_are_plain() -> None:
    for code, found in VERDICTS.items():
        assert "!" not in found.reason + found.next_step
        assert not re.search(r"\bcode\b|successful", found.reason), code


REASONS = {
    "daemon_busy": ("serves as many connections", True),
    "daemon_lost_folder": ("folder behind the daemon's module", False),
    "daemon_no_password": ("refused the user or the password for module data", False),
    "daemon_read_only": ("may only be read", False),
    "daemon_refused": ("refused the connection", True),
    "daemon_shut": ("does not let this machine", False),
    "daemon_unknown_module": ("no module called nothing", False),
    "daemon_unknown_name": ("could not be looked up", True),
    "daemon_wrong_password": ("refused the user or the password for module data", False),
    "dest_is_a_file": ("a file, not a folder", False),
    "dest_not_creatable": ("may not be written", False),
    "dest_not_writable": ("may not be written", False),
    "full": ("destination is full", False),
    "read_only": ("read-only", False),
    "source_missing": ("source was not found", False),
    "ssh_changed_host": ("another key than the one that was accepted", False),
    "ssh_no_key": ("The private key /tmp/samples/no cannot be read", False),
    "ssh_no_rsync": ("rsync is not installed on the other host", False),
    "ssh_refused": ("refused the connection", True),
    "ssh_source_missing": ("source was not found", False),
    "ssh_unknown_host": ("has not been accepted yet", False),
    "ssh_unknown_name": ("could not be looked up", True),
    "ssh_wrong_key": ("refused the login", False),
    "stopped": ("stopped by another program", False),
    "unreadable": ("could not be read: permission denied", False),
    "usage": ("did not accept the command", False),
    "vanished": ("vanished from the source", False),
}


@pytest.mark.parametrize("version", samples.VERSIONS)
@pytest.mark.parametrize("case", samples.CASES)
def test_the_cause_of_a_recorded_end_is_said(version: str, case: str) -> None:
    reading = samples.read(samples.recorded(version, case))
    found = verdict(samples.exit_code(version, case), reading.tail)
    words, retry = REASONS.get(case, ("", False))
    assert words in found.reason
    assert bool(found.reason) is bool(words)
    assert found.retry is retry

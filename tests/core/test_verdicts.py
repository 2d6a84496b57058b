"""A tool's end in words and figures."""

import signal

import pytest

from core.orders import CANCEL, PAUSE, SHUTDOWN
from core.runner import StepEnd
from core.verdicts import (
    closing_figures,
    copied,
    foreseen,
    judge,
    outcome_of,
    repaired,
    stopped,
    supervisor_lost,
    with_earlier,
)
from engines.base import Verdict
from engines.registry import engine
from models.findings import Tally
from models.progress import Progress
from models.run import RunState, Statistics
from tests import build

RSYNC = engine("rsync")


def end(code: int, **changes: object) -> StepEnd:
    values = {"order": "", "killed": False, "tail": (), "failed_files": (), "failed_count": 0, **changes}
    return StepEnd(code, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", sorted(signal.valid_signals()))
def test_every_signal_is_a_failure_that_names_it(number: int) -> None:
    verdict = judge(RSYNC, end(-number))
    assert verdict.state is RunState.FAILED
    name = signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"
    assert name in verdict.reason
    assert not verdict.retry


@pytest.mark.parametrize("code", range(256))
def test_every_exit_code_has_a_state_and_most_have_a_sentence(code: int) -> None:
    verdict = judge(RSYNC, end(code, tail=("rsync error: some text (code 0)", "completed")))
    expected = {0: RunState.DONE, 24: RunState.DONE, 23: RunState.DONE_WITH_WARNINGS}.get(code, RunState.FAILED)
    assert verdict.state is expected
    assert verdict.reason or code == 0


def test_the_outcome_keeps_the_evidence() -> None:
    run = build.run(statistics=Statistics(files_transferred=312, transferred_bytes=1_200_000_000))
    done = outcome_of(end(0), judge(RSYNC, end(0)), run)
    assert (done.reason, done.exit_code, done.signal) == ("312 files copied, 1.2 GB.", 0, None)
    partly = end(23, failed_files=("a",), failed_count=2)
    assert outcome_of(partly, judge(RSYNC, partly), run).reason.startswith("2 files could not be copied. ")
    killed = outcome_of(end(-9), judge(RSYNC, end(-9)), run)
    assert (killed.exit_code, killed.signal) == (None, 9)


def test_what_was_copied_is_said_only_where_it_is_known() -> None:
    assert copied(build.run()) == ""
    assert copied(build.run(statistics=Statistics(files_transferred=0))) == "Nothing had changed."
    assert copied(build.run(statistics=Statistics(files_transferred=1))) == "1 file copied, 0 bytes."


def test_our_own_stops_have_their_words() -> None:
    assert stopped(PAUSE).reason == stopped(CANCEL).reason == "Paused. What was copied is kept."
    assert "shutting down" in stopped(SHUTDOWN).reason
    assert "ended from outside" in supervisor_lost(same_boot=True).reason
    assert "restarted" in supervisor_lost(same_boot=False).reason


def test_a_good_end_shows_whole_figures_and_no_end_shows_movement() -> None:
    progress = Progress(40, 100, 40.0, 7, 9, 3, 10, "file")
    run = build.run()._replace(progress=progress, statistics=Statistics(total_bytes=110))
    assert closing_figures(run, RunState.DONE) == Progress(110, 110, 100.0, 0, 0, 10, 10, "")
    assert closing_figures(run, RunState.PAUSED) == Progress(40, 100, 40.0, 0, None, 3, 10, "")


def test_a_run_that_writes_nothing_has_copied_nothing() -> None:
    run = build.run(kind="verify", statistics=Statistics(files_transferred=3))
    assert outcome_of(end(0), Verdict(RunState.DONE, "Proven."), run).reason == "Proven."
    assert stopped(PAUSE, "verify").reason == "Stopped before its end, so it proves nothing and nothing was changed."
    assert stopped(PAUSE, "restore").reason.startswith("Paused.")


def test_a_preview_is_told_in_numbers() -> None:
    assert foreseen((Tally("new", 10, 1_200_000_000), Tally("changed", 1, 5))) == (
        "10 new files would be copied, 1.2 GB, and 1 file would be replaced, 5 bytes. "
        "This was a preview: nothing was changed."
    )
    assert foreseen((Tally("changed", 2, 5),)).startswith("2 files would be replaced, 5 bytes. This")
    assert foreseen((Tally("attributes", 2, 5),)) == "Nothing would be copied: the destination has it all."


def test_content_that_went_bad_is_a_warning_although_it_was_repaired() -> None:
    done = Verdict(RunState.DONE)
    assert repaired(done, 0) is done
    verdict = repaired(done, 1)
    assert verdict.state is RunState.DONE_WITH_WARNINGS
    assert verdict.reason == (
        "1 file at the destination held other content than the source, with the same size and time, "
        "and was copied again."
    )
    assert "2 files at the destination held" in repaired(done, 2).reason
    failed = Verdict(RunState.FAILED, "The link broke.")
    assert repaired(failed, 2) is failed


def test_a_good_step_does_not_undo_the_warnings_of_the_one_before() -> None:
    first = end(23, failed_files=("a",), failed_count=1), Verdict(RunState.DONE_WITH_WARNINGS, "Some.", "See.")
    good = end(0), Verdict(RunState.DONE, "Proven.")
    assert with_earlier(None, *good) == good
    last, verdict = with_earlier(first, *good)
    assert (last.code, last.failed_files, last.failed_count) == (23, ("a",), 1)
    assert verdict == Verdict(RunState.DONE_WITH_WARNINGS, "Some. Proven.", "See.")
    bad = end(0), Verdict(RunState.FAILED, "Not proven.")
    assert with_earlier(first, *bad) == bad

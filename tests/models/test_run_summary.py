"""The few values of an ended run."""

from models.progress import Progress
from models.run import PhaseMark, RunState, Statistics
from models.run_summary import places_of, summary_of
from tests import build

S = RunState


def at(seconds: int) -> str:
    return f"2026-11-21T07:{seconds // 60:02}:{seconds % 60:02}.000Z"


def test_waits_are_no_working_time() -> None:
    phases = (
        PhaseMark(S.QUEUED, at(0)),
        PhaseMark(S.STARTING, at(60)),
        PhaseMark(S.TRANSFERRING, at(61)),
        PhaseMark(S.WAITING, at(100)),
        PhaseMark(S.TRANSFERRING, at(400)),
        PhaseMark(S.DONE, at(430)),
    )
    run = build.run(state=S.DONE, started_at=at(60), ended_at=at(430), phases=phases)
    assert summary_of(run).seconds == 70


def test_a_run_that_never_started_took_no_time() -> None:
    found = summary_of(build.run(state=S.CANCELLED, ended_at=at(9)))
    assert (found.seconds, found.transferred_bytes, found.started_at) == (0, None, "")


def test_it_says_what_the_run_itself_sent() -> None:
    resumed = build.run(state=S.DONE, statistics=Statistics(transferred_bytes=100, literal_bytes=7, total_bytes=900))
    assert (summary_of(resumed).transferred_bytes, summary_of(resumed).total_bytes) == (7, 900)
    cut = build.run(state=S.INTERRUPTED, started_at=at(0), ended_at=at(5), progress=Progress(bytes_transferred=33))
    assert summary_of(cut).transferred_bytes == 33


def test_warnings_about_everything_are_not_good() -> None:
    for seen in (0, 5):
        run = build.run(state=S.DONE_WITH_WARNINGS, statistics=Statistics(files_seen=seen))
        assert summary_of(run).is_good is run.is_good is bool(seen)
    assert summary_of(build.run(state=S.DONE)).is_good
    assert not summary_of(build.run(state=S.FAILED)).is_good


def test_places_are_equal_only_for_equal_ways() -> None:
    assert places_of("rsync", "/a", "/b") == places_of("rsync", "/a", "/b")
    assert (
        len({places_of(*way) for way in [("rsync", "/a", "/b"), ("rclone", "/a", "/b"), ("rsync", "/a/", "/b")]}) == 3
    )
    assert places_of("rsync", "/\udcff", "/b")

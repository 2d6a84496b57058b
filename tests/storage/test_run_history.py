"""The histories of jobs, which are kept for ever."""

import tracemalloc
from itertools import islice
from pathlib import Path

from models.run import RunState
from storage.run_history import RunHistory
from storage.run_json import encoded
from tests import build

RECORD = encoded(build.run(state=RunState.DONE, ended_at=build.MOMENT, note="x" * 500))


def history(tmp_path: Path, content: bytes) -> RunHistory:
    found = RunHistory(build.data_folder(tmp_path))
    found.path(build.JOB_ID).parent.mkdir(parents=True)
    found.path(build.JOB_ID).write_bytes(content)
    return found


def test_of_a_long_history_no_more_is_in_memory_than_a_record(tmp_path: Path) -> None:
    found = history(tmp_path, RECORD * 8_000)
    size = found.size(build.JOB_ID)
    tracemalloc.start()
    try:
        assert sum(1 for _ in islice(found.pieces(build.JOB_ID, 0), 500)) == 500
        assert [after for _, after, _ in found.pieces(build.JOB_ID, size - len(RECORD))] == [size]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000 < size


def test_what_is_no_record_belongs_to_the_piece_of_the_next_and_a_torn_end_to_none(tmp_path: Path) -> None:
    garbage, length = b"\0\0\r{}\n\n", len(RECORD)
    found = history(tmp_path, RECORD + garbage + RECORD + RECORD[:-1])
    second = (length, 2 * length + len(garbage))
    assert [place for *place, _ in found.pieces(build.JOB_ID, 0)] == [[0, length], list(second)]
    assert [place for *place, _ in found.pieces(build.JOB_ID, *second)] == [list(second)]
    assert [place for *place, _ in found.pieces(build.JOB_ID, 0, length)] == [[0, length]]
    assert list(found.pieces(build.job().id, 0)) == []

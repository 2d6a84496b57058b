"""A table of runs that was packed into one block."""

import pytest

from core import run_block
from core.run_block import packed, unpacked
from core.run_lines import PROOF, SETTLES, UNPROVEN
from core.run_table import RunTable
from models.run import RunState
from storage.run_ledger import LedgerLine

KINDS = [("backup", "done", 0), ("verify", "done", PROOF), ("backup", "failed", 0), ("retry", "done", SETTLES)]
KINDS += [("verify", "failed", UNPROVEN), ("backup", "cancelled", 0), ("backup", "done_with_warnings", 0)]
NAMES = ["Photos", "line\nbreak", "\u202egnp", "", "\x00\x1b[31m", "N" * 255, "\udcff"]


def line(job_id: str, number: int) -> LedgerLine:
    kind, state, marks = KINDS[number % len(KINDS)]
    return LedgerLine(
        number * 10, number * 10 + 10, marks, job_id, f"{job_id}-{number:04}", kind, state, 1_700_000_000_000 + number,
        1_700_000_100_000 + number, number / 3, number * 1000 - 1, -1, number, NAMES[number % len(NAMES)],
        "rclone" if number % 2 else "rsync", number * 7,
    )  # fmt: skip


def filled() -> RunTable:
    table = RunTable()
    for number in range(40):
        for job_id in ("a", "b", "c"):
            assert table.add(line(job_id, number))
    return table


def all_of(table: RunTable) -> list[object]:
    rows = list(table.newest_first())
    pasts = [(table.past(job_id), table.past(job_id).number) for job_id in table.known_jobs()]
    return [
        [(table.summary(row), table.place(row), table.cursor(row)) for row in rows], pasts, table.combinations,
        [table.summary(row) for row in table.newest_ended(50, {"a", "b", "c", "d"})], table.known_jobs(), table.names,
    ]  # fmt: skip


def test_a_table_is_the_same_after_it_was_packed_and_grows_in_the_same_way() -> None:
    table = filled()
    again = unpacked(packed(table, bool))
    assert all_of(again) == all_of(table)
    for each in (table, again):
        assert each.add(line("a", 40))
        assert each.add(line("d", 0))
        assert each.add(line("b", 40)._replace(kind="restore", state="done", job_name="New", engine="rclone"))
        assert not each.add(line("c", 39)), "it is in there"
    assert all_of(again) == all_of(table)
    assert all_of(unpacked(packed(again, bool))) == all_of(table)


def test_jobs_that_were_dropped_are_not_packed() -> None:
    table = filled()
    table.drop("b")
    rested: list[None] = []
    again = unpacked(packed(table.without_gaps(lambda: rested.append(None)), bool))
    assert len(rested) == len(again) == 80
    assert again.known_jobs() == ("a", "c")
    assert [table.summary(row) for row in table.newest_first()] == [again.summary(row) for row in again.newest_first()]
    assert again.add(line("b", 0))
    assert again.without_gaps(bool) is again


def test_an_empty_table_is_packed_as_well() -> None:
    again = unpacked(packed(RunTable(), bool))
    assert (len(again), again.known_jobs()) == (0, ())
    assert again.add(line("a", 0))
    assert again.combinations == [("backup", RunState.DONE, "rsync")]


@pytest.mark.parametrize("block", [b"", b"\0" * 100, b"not a block of ours at all, but long enough to be one"])
def test_what_was_not_packed_is_refused(block: bytes) -> None:
    with pytest.raises(ValueError, match=r"unpack|Expecting"):
        unpacked(block)


def test_a_block_of_another_layout_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    block = packed(filled(), bool)
    monkeypatch.setattr(run_block, "_LAYOUT", "2 middle 13")
    with pytest.raises(ValueError, match=r"1 (little|big) "):
        unpacked(block)

"""All lines of many logs: the same whichever way a piece of a file is read, in order, and bounded in memory."""

import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.data_folder import DataFolder
from storage.log_archive import pack, rotate
from storage.log_files import log_files
from storage.log_line import LogLine
from storage.log_rows import Row, Rows
from storage.log_search import LogSearch
from storage.log_streams import Key, Question
from tests import build

START = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
CLEAN = ["copied a", "Error: no space: at all", "Warning: ", "", "Ünïcode 日本", "error: small", "Error:none"]
DIRT = ["\x1b[2J", "\r", "\u202e", "\udcff", "\x00", "\x85\u2028", "x" * 20_000, "no-break\u00a0space"]
UNDATED = ["", "undated", "[2026-02-31 10:00:00] no such day", "[2026-06-01 10:00:61] ", "[2099-01-01 00:00:00] forged"]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def rows_of(folder: DataFolder, question: Question = Question()) -> list[Row]:  # noqa: B008
    pieces: Iterator[list[Row]] = iter(Rows(log_files(folder), question, lambda: None))
    return [row for piece in pieces for row in piece]


def fill(folder: DataFolder, texts: list[str], undated: list[str], seed: int) -> None:
    dice = random.Random(seed)
    for number in range(6):
        moment, path = START + timedelta(hours=number % 2), folder.logs / f"rsync_job{number}.log"
        for part in range(2 if number < 3 else 1):
            lines = []
            for _ in range(dice.choice((3, 400, 3000))):
                moment += timedelta(seconds=dice.choice((0, 0, 1, 40)))
                lines.append(f"[{moment.astimezone():%Y-%m-%d %H:%M:%S}] {dice.choice(texts)}")
                if undated and not dice.randrange(40):
                    lines.append(dice.choice(undated))
            path.write_text("".join(f"{line}\n" for line in lines), errors="surrogateescape")
            if not part and number < 3:
                rotated = rotate(path, moment)
                if number:
                    pack(rotated)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("texts", "undated"), [(CLEAN, []), (CLEAN, UNDATED), ([*CLEAN, *DIRT], UNDATED)])
def test_all_lines_are_those_of_a_page_without_end(
    folder: DataFolder, texts: list[str], undated: list[str], seed: int
) -> None:
    fill(folder, texts, undated, seed)
    page = LogSearch(deadline=60).after(log_files(folder), Question(), Key(0, "", 0), 1_000_000)
    rows = rows_of(folder)
    assert [LogLine(*row[1:]) for row in rows] == list(page.lines)
    assert [row[0] for row in rows] == [entry.key.moment for entry in page.entries]
    assert len(rows) > 100


@pytest.mark.parametrize("text", ["", "COPIED"])
def test_only_what_lies_between_two_moments_is_read(folder: DataFolder, text: str) -> None:
    fill(folder, CLEAN, UNDATED[:2], 3)
    every = rows_of(folder, Question(text))
    since, until = every[len(every) // 3][0], every[len(every) // 2][0]
    assert rows_of(folder, Question(text, "", since, until)) == [row for row in every if since <= row[0] < until]


def test_a_burst_of_one_second_is_not_held_in_memory(folder: DataFolder) -> None:
    stamp = f"[{START.astimezone():%Y-%m-%d %H:%M:%S}]"
    for name in ("a", "b"):
        (folder.logs / f"rsync_{name}.log").write_text(
            "".join(f"{stamp} {name} {number:060}\n" for number in range(150_000))
        )
    tracemalloc.start()
    count, last = 0, ""
    for piece in Rows(log_files(folder), Question(), lambda: None):
        count += len(piece)
        for row in piece:
            assert row[3] > last, "the files follow each other, each in its own order"
            last = row[3]
    largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 300_000
    assert largest < 12_000_000, "of 25 MB"

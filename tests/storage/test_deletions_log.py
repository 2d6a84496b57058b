"""storage/deletions_log.py: what a run was about to delete is known from its list, however it was cut off."""

import json
from pathlib import Path

import pytest

from models.errors import StoreUnavailable
from storage.deletions_log import DeletionsLog, named
from tests import build
from utils.clock import SystemClock


@pytest.fixture
def log(tmp_path: Path) -> DeletionsLog:
    made = DeletionsLog(build.data_folder(tmp_path), build.JOB_ID, "20261121T070204123Z-abcdef", SystemClock())
    made.path.parent.mkdir(parents=True)
    made.write("begun", [{"source": "/srv/photos", "files": 3}])
    return made


def about(log: DeletionsLog, *files: tuple[int, bytes]) -> None:
    log.write("about", [named(name, n=number) for number, name in files])


def test_the_files_in_hand_are_those_behind_the_last_result(log: DeletionsLog) -> None:
    assert log.in_hand() == ("", ())
    about(log, (1, b"one"), (2, b"new\nline"))
    assert log.in_hand() == ("/srv/photos", ((2, b"new\nline"), (1, b"one")))
    log.write("deleted", [named(b"one"), named(b"new\nline")])
    assert log.in_hand() == ("", ())
    about(log, (3, b"\xff"))
    with log.path.open("ab") as file:
        file.write(b'{"what": "dele')
    assert log.in_hand() == ("/srv/photos", ((3, b"\xff"),))


def test_a_list_that_is_not_there_has_nothing_in_hand(log: DeletionsLog) -> None:
    log.path.unlink()
    assert log.in_hand() == ("", ())


def test_every_line_says_when_and_the_file_is_ours_alone(log: DeletionsLog) -> None:
    about(log, (1, b"one"))
    records = [json.loads(line) for line in log.path.read_text().splitlines()]
    assert [record["what"] for record in records] == ["begun", "about"]
    assert all(record["at"].endswith("Z") for record in records)
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_a_list_that_cannot_be_written_is_an_error_with_words(log: DeletionsLog) -> None:
    log.path.unlink()
    log.path.mkdir()
    with pytest.raises(StoreUnavailable):
        about(log, (1, b"one"))

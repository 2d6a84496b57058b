"""The server's own log in the data folder: private, bounded, and no trouble where it cannot be written."""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.contextvars import clear_contextvars

from flask_app import server_log
from flask_app.server_log import KEPT, _PrivateFile, keep_server_log, newest_lines
from flask_app.structured_log import configure_logging
from tests.servers import Server


@contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """The log of this process is kept there meanwhile."""
    clear_contextvars()
    configure_logging("text")
    keep_server_log(folder)
    try:
        yield
    finally:
        root = logging.getLogger()
        for handler in [handler for handler in root.handlers if handler.name == KEPT]:
            root.removeHandler(handler)
            handler.close()


def test_lines_are_kept_as_on_stderr_for_the_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    former = os.umask(0)
    try:
        with keeping(tmp_path):
            logging.getLogger("x").warning("one\ntwo")
    finally:
        os.umask(former)
    said = capsys.readouterr().err
    assert newest_lines(tmp_path, 1000).partition(" ")[2] == said.partition(" ")[2] != ""  # both have a time before it
    assert "warning one\\ntwo" in newest_lines(tmp_path, 1000)
    assert stat.S_IMODE((tmp_path / "server.log").stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("an older line\n")
    (tmp_path / "server.log").chmod(0o644)
    with keeping(tmp_path):
        logging.getLogger("x").warning("a newer line")
    assert stat.S_IMODE((tmp_path / "server.log").stat().st_mode) == 0o600
    assert len(newest_lines(tmp_path, 1000).splitlines()) == 2


def test_two_servers_put_the_log_away_once_and_lose_no_line_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    servers = [_PrivateFile(path, maxBytes=1000, backupCount=1, delay=True) for _ in range(2)]
    for number in range(60):
        words = f"line {number} {'x' * 80}"
        servers[number % 2].emit(logging.LogRecord("x", logging.INFO, "", 0, words, None, None))
    for server in servers:
        server.close()
    kept = (tmp_path / "server.log.1").read_text() + path.read_text()
    numbers = [int(line.split()[1]) for line in kept.splitlines()]
    assert numbers == list(range(60 - len(numbers), 60))
    assert len(numbers) > 10


def test_asking_twice_keeps_each_line_once(tmp_path: Path) -> None:
    with keeping(tmp_path):
        keep_server_log(tmp_path)
        logging.getLogger("x").warning("once")
    assert newest_lines(tmp_path, 1000).count("once") == 1


def test_it_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_log, "_LARGEST", 2000)
    with keeping(tmp_path):
        for number in range(200):
            logging.getLogger("x").warning("line %d", number)
    assert sorted(os.listdir(tmp_path)) == ["server.log", "server.log.1"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 4000
    assert newest_lines(tmp_path, 1000).endswith("line 199\n")


def test_only_whole_lines_are_given(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("first line\nsecond line\n")
    assert newest_lines(tmp_path, 15) == "second line\n"
    assert newest_lines(tmp_path, 1000) == "first line\nsecond line\n"
    assert newest_lines(tmp_path / "nowhere", 1000) == ""


def test_where_it_cannot_be_written_stderr_still_has_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with keeping(tmp_path / "gone"):
        logging.getLogger("x").warning("a full disk")
    said = capsys.readouterr().err
    assert said.count("a full disk") == 1
    assert "Traceback" not in said


@pytest.mark.both_modes
def test_a_server_keeps_what_it_says(server: Server) -> None:
    assert "serving" in newest_lines(server.data, 1000)
    assert stat.S_IMODE((server.data / "server.log").stat().st_mode) == 0o600

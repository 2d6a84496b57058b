"""A private file: whole, for its owner alone, read again when it changes, and judged where it is broken."""

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.account import Account
from models.errors import AppError, StoreBroken
from models.role import Role
from storage.account_store import Book, Traces, account_file, login_file
from storage.data_folder import DataFolder
from storage.private_file import PrivateFile
from tests import build

ANNA = Account("Anna", Role.VIEWER, "scrypt$secret$hash", 1, datetime(2026, 11, 21, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


@pytest.fixture
def file(folder: DataFolder) -> PrivateFile[Book]:
    return account_file(folder)


@pytest.fixture
def path(folder: DataFolder) -> Path:
    return folder.root / "accounts.json"


def add(book: Book) -> Book:
    return Book({ANNA.key: ANNA}, book.tokens)


def test_where_there_is_none_it_is_empty_and_none_is_made(file: PrivateFile[Book], path: Path) -> None:
    assert file.load() == Book()
    assert file.change(lambda book: book) == Book()
    assert not path.exists()


def test_it_is_for_its_owner_alone_whatever_the_umask(file: PrivateFile[Book], path: Path) -> None:
    before = os.umask(0)
    try:
        file.change(add)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert (path.parent / "accounts.lock").stat().st_mode & 0o777 == 0o600
    assert [name for name in os.listdir(path.parent) if name.endswith("-new")] == []


def test_another_process_reads_what_was_changed(file: PrivateFile[Book], folder: DataFolder) -> None:
    other = account_file(folder)
    assert other.load() == Book()
    file.change(add)
    assert other.load() == Book({"anna": ANNA}) == file.load()
    other.change(lambda book: Book())
    assert file.load() == Book()


def test_what_stays_the_same_is_not_written(file: PrivateFile[Book], path: Path) -> None:
    file.change(add)
    before = path.stat()
    file.change(add)
    file.note(add)
    assert path.stat() == before


def test_a_change_that_fails_leaves_all_as_it_was(file: PrivateFile[Book], path: Path) -> None:
    file.change(add)
    before = path.read_bytes()
    with pytest.raises(KeyError):
        file.change(lambda book: Book(tokens={"x": book.tokens["nope"]}))
    assert path.read_bytes() == before
    file.change(lambda book: Book())


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "half": lambda whole: whole[: len(whole) // 2],
    "one byte short of its end": lambda whole: whole.rstrip()[:-1],
    "zeros": lambda whole: bytes(len(whole)),
    "a list": lambda whole: b"[]",
    "another form": lambda whole: b'{"accounts": [], "tokens": {}}',
    "no such role": lambda whole: whole.replace(b"viewer", b"emperor"),
    "under another name": lambda whole: whole.replace(b'"anna"', b'"bert"'),
    "a moment without a zone": lambda whole: whole.replace(b"00:00:00Z", b"00:00:00"),
    "not UTF-8": lambda whole: whole.replace(b"Anna", b"\xff\xfe"),
    "brackets": lambda whole: b"[" * 100_000,
    "huge": lambda whole: whole + b" " * (17 << 20),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_one_is_told_in_words_kept_and_shown_to_nobody(
    file: PrivateFile[Book], path: Path, broken: str
) -> None:
    file.change(add)
    content = BROKEN[broken](path.read_bytes())
    assert content != path.read_bytes()
    path.write_bytes(content)
    uses: list[Callable[[], object]] = [file.load, lambda: file.change(add), lambda: file.note(add)]
    for use in uses:
        with pytest.raises(StoreBroken, match=r"^accounts\.json in the data folder cannot be read: ") as refused:
            use()
        assert "scrypt" not in "".join(traceback.format_exception(refused.value))
    assert path.read_bytes() == content


def test_what_can_be_done_without_begins_anew(folder: DataFolder) -> None:
    path = folder.root / "logins.json"
    for broken in (b"", b"{", b'{"used": {"x": "2026-11-21T00:00:00"}}', b" " * (17 << 20)):
        path.write_bytes(broken)
        file = login_file(folder)
        assert file.load() == Traces()
        file.change(lambda traces: Traces(used={"x": ANNA.created_at}))
        assert login_file(folder).load().used == {"x": ANNA.created_at}


def test_what_is_no_file_waits_for_nobody(file: PrivateFile[Book], path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(StoreBroken):
        file.load()
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreBroken):
        file.load()
    path.rmdir()
    assert file.load() == Book()


def test_where_nothing_can_be_written_a_change_is_refused_and_a_note_is_left_out(
    file: PrivateFile[Book], path: Path
) -> None:
    (path.parent / "accounts.lock").mkdir()
    with pytest.raises(AppError) as refused:
        file.change(add)
    assert refused.value.status == 503
    file.note(add)
    assert file.load() == Book()


def test_a_note_does_not_wait_for_a_lock(file: PrivateFile[Book], folder: DataFolder) -> None:
    with file._lock.hold():
        account_file(folder).note(add)
    assert file.load() == Book()
    file.note(add)
    assert file.load() == Book({"anna": ANNA})


WRITER = """
import sys
from pathlib import Path
from storage.account_store import Book, account_file
from storage.data_folder import DataFolder
from tests.storage.test_private_file import ANNA
file = account_file(DataFolder(Path(sys.argv[1])))
print("ready", flush=True)
while True:
    file.change(lambda book: Book() if book.accounts else Book({ANNA.key: ANNA}))
"""


def test_a_writer_that_is_killed_leaves_the_old_or_the_new(folder: DataFolder) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder.root)], stdout=subprocess.PIPE)
    assert writer.stdout
    assert writer.stdout.readline() == b"ready\n"
    for _ in range(100):
        assert account_file(folder).load() in (Book(), Book({"anna": ANNA}))
    writer.send_signal(signal.SIGKILL)
    writer.wait(20)
    writer.stdout.close()
    assert account_file(folder).load() in (Book(), Book({"anna": ANNA}))
    account_file(folder).change(add)
    assert account_file(folder).load() == Book({"anna": ANNA}), "and its lock is free"

"""Replacing files: private ones whole, shared ones merged with whatever came in between."""

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from models.errors import StoreBroken, StoreUnavailable
from storage import shared_file
from storage.displaced import sweep
from storage.exchange import exchange
from storage.shared_file import replace_file, rewrite_file


@pytest.mark.parametrize("umask", [0, 0o777])
@pytest.mark.parametrize("durable", [True, False])
def test_a_file_of_ours_is_private_under_any_umask(tmp_path: Path, umask: int, durable: bool) -> None:
    path = tmp_path / "own"
    before = os.umask(umask)
    try:
        for content in (b"first", b"second " * 100_000):
            replace_file(path, content, durable=durable)
            assert path.read_bytes() == content
            assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    assert [found.name for found in tmp_path.iterdir()] == ["own"]


def test_a_folder_that_is_gone_is_a_refusal_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="could not be saved"):
        replace_file(tmp_path / "none" / "file", b"")


@pytest.mark.parametrize("can_exchange", [True, False])
def test_what_others_write_in_between_is_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(shared_file, "exchange", lambda left, right: False)
    path = tmp_path / "shared"
    path.write_bytes(b"0")
    interruptions = iter([b"1", b"12", b"123"])

    def change(present: bytes | None) -> bytes:
        for content in interruptions:
            path.write_bytes(content)
            break
        return (present or b"") + b"!"

    written = rewrite_file(path, change)
    assert path.read_bytes() == written.content
    assert written.content.endswith(b"!")
    assert written.content.startswith(b"12")
    assert written.key == (path.stat().st_mtime_ns, path.stat().st_size, path.stat().st_ino)


@pytest.mark.parametrize("another", [b"", b"a third wish"])
def test_an_editor_that_empties_the_file_just_then_and_writes_it_afterwards_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, another: bytes
) -> None:
    """As nano and the shell's `>` do: what comes out of the exchange is empty, and its writer has it open."""
    path, editor, seen = tmp_path / "shared", list[BinaryIO](), list[bytes | None]()
    path.write_bytes(b"before")

    def late(left: Path, right: Path) -> bool:
        editor.append(path.open("wb"))
        return exchange(left, right)

    def change(present: bytes | None) -> bytes:
        seen.append(present)
        if not present:
            if another:
                replace_file(path, another)
            raise StoreBroken("The file is empty.")
        return present + b"!"

    monkeypatch.setattr(shared_file, "exchange", late)
    with pytest.raises(StoreBroken):
        rewrite_file(path, change)
    with editor[0] as file:
        file.write(b"after")
    assert seen == [b"before", b""]
    assert path.read_bytes() == (another or b"after")
    assert [entry.name for entry in tmp_path.iterdir()] == ["shared"]


def test_a_writer_that_never_rests_costs_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    path.write_bytes(b"0")
    counter = iter(range(5, 1000))

    def change(present: bytes | None) -> bytes:
        path.write_bytes(b"%d" % next(counter))
        return b"ours"

    with pytest.raises(StoreUnavailable, match="another program keeps writing it"):
        rewrite_file(path, change)


def test_names_are_exchanged_or_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert not exchange(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b").write_text("b")
    assert exchange(tmp_path / "a", tmp_path / "b")
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("b", "a")


def test_a_folder_default_acl_does_not_open_a_file_that_had_none(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    path.write_bytes(b"0")
    path.chmod(0o640)
    acl = b"\x02\0\0\0\x01\0\x07\0\xff\xff\xff\xff\x02\0\x07\0\x07\0\0\0\x04\0\x07\0\xff\xff\xff\xff"
    acl += b"\x10\0\x07\0\xff\xff\xff\xff\x20\0\x07\0\xff\xff\xff\xff"
    os.setxattr(tmp_path, "system.posix_acl_default", acl)
    rewrite_file(path, lambda _: b"1")
    assert "system.posix_acl_access" not in os.listxattr(path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_sweeping_leaves_what_is_being_written(tmp_path: Path) -> None:
    with shared_file.new_file(tmp_path / "file") as (_, name):
        (tmp_path / f".dead.0{shared_file.SUFFIX}").write_bytes(b"half")
        sweep(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [name.name]
    assert list(tmp_path.iterdir()) == []
    sweep(tmp_path / "none")

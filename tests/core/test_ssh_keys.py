"""Our own ssh keys: made by the real ssh-keygen, private, and good for signing in at a real host."""

import os
import shutil
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from core.ssh_keys import KeyNotFound, SshKeys
from models.errors import AppError, InvalidInput, StoreUnavailable
from storage.data_folder import DataFolder
from storage.file_lock import try_lock
from tests import build
from tests.samples.servers import Servers


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_key_is_whole_private_and_known_by_its_fingerprint(folder: DataFolder) -> None:
    before = os.umask(0)
    try:
        key = SshKeys(folder).create("nas")
    finally:
        os.umask(before)
    path = Path(key.path)
    assert path == folder.root / "keys" / "nas" / "id_ed25519"
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)
    said = subprocess.run(["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True).stdout
    assert key.fingerprint == f"{said.split()[1]} (ED25519)"
    derived = subprocess.run(["ssh-keygen", "-y", "-f", path], capture_output=True, text=True, check=True).stdout
    assert key.public.split()[:2] == derived.split()[:2]
    assert key.public.startswith("ssh-ed25519 ")
    assert "PRIVATE" not in repr(SshKeys(folder).all())
    assert SshKeys(folder).all() == (key,) == (SshKeys(folder).get("nas"),)


def test_its_public_part_lets_ssh_in_at_a_real_host(folder: DataFolder, tmp_path: Path) -> None:
    servers = Servers(tmp_path / "host")
    servers.folder.mkdir()
    servers.start_ssh()
    try:
        key = SshKeys(folder).create("nas")
        ssh = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", key.path]
        ssh += ["-o", f'UserKnownHostsFile="{servers.known_hosts}"', "-p", str(servers.ssh_port), "127.0.0.1", "true"]
        assert subprocess.run(ssh, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 255
        with (servers.folder / "authorized_keys").open("a") as authorized:
            authorized.write(f"{key.public}\n")
        assert subprocess.run(ssh, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    finally:
        servers.stop()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "-f", "a b", "a\n", "ä", "x" * 41, ".hidden", "a\0"])
def test_a_name_that_is_no_plain_word_is_refused(folder: DataFolder, name: str) -> None:
    keys = SshKeys(folder)
    with pytest.raises(InvalidInput) as refused:
        keys.create(name)
    assert "name" in refused.value.fields
    with pytest.raises(KeyNotFound):
        keys.delete(name)
    assert not folder.keys.exists()


def test_a_machine_with_a_strange_name_and_a_comment_by_hand_do_no_harm(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "b\u00fcro $(id)")
    key = SshKeys(folder).create("nas")
    assert key.public.endswith(" backup-manager-nas@broid")
    public = Path(f"{key.path}.pub")
    public.write_text(public.read_text().replace("backup-manager-nas@broid", "the key of the office"))
    assert SshKeys(folder).get("nas").public.endswith(" the key of the office")


def test_a_key_is_never_replaced(folder: DataFolder) -> None:
    keys = SshKeys(folder)
    first = keys.create("nas")
    private = Path(first.path).read_bytes()
    with pytest.raises(InvalidInput, match="already"):
        keys.create("nas")
    assert Path(first.path).read_bytes() == private


def test_a_deleted_key_leaves_nothing_behind(folder: DataFolder) -> None:
    keys = SshKeys(folder)
    keys.create("nas")
    keys.create("office")
    keys.delete("nas")
    assert [key.name for key in keys.all()] == ["office"]
    assert sorted(os.listdir(folder.keys)) == ["office"]
    with pytest.raises(KeyNotFound):
        keys.delete("nas")


def test_a_key_is_on_the_disk_before_it_is_answered_for(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = list[tuple[str, bool]]()
    flush = os.fsync

    def noted(descriptor: int) -> None:
        flushed.append((Path(os.readlink(f"/proc/self/fd/{descriptor}")).name, (folder.keys / "nas").exists()))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    SshKeys(folder).create("nas")
    assert {("id_ed25519", False), ("id_ed25519.pub", False)} <= set(flushed)
    assert flushed[-1] == ("keys", True)


def test_of_two_who_delete_a_key_the_second_is_told_that_it_is_gone(folder: DataFolder) -> None:
    keys, told = SshKeys(folder), list[AppError]()
    keys.create("nas")

    def delete() -> None:
        try:
            keys.delete("nas")
        except AppError as error:
            told.append(error)

    first = try_lock(folder.keys_lock)
    assert first is not None
    second = threading.Thread(target=delete)
    second.start()
    queue, until = folder.keys_lock.with_name("keys.lock.queue"), time.monotonic() + 5
    while (free := try_lock(queue)) is not None and time.monotonic() < until:
        os.close(free)
        second.join(0.001)  # leaves it free for the second
    assert free is None, "the second waits"
    shutil.rmtree(folder.keys / "nas")
    os.close(first)
    second.join(20)
    assert [type(error) for error in told] == [KeyNotFound]


def test_half_a_key_and_what_is_no_key_are_not_listed(folder: DataFolder) -> None:
    keys = SshKeys(folder)
    for name in ("nopublic", "noprivate", "wrong"):
        keys.create(name)
    (folder.keys / "nopublic" / "id_ed25519.pub").unlink()
    (folder.keys / "noprivate" / "id_ed25519").unlink()
    (folder.keys / "wrong" / "id_ed25519.pub").write_text("ssh-ed25519 AAAA\x1b[31m x")
    (folder.keys / "note.txt").write_text("hello")
    assert keys.all() == ()


def test_what_a_kill_left_half_made_is_swept_with_the_next_key(folder: DataFolder) -> None:
    left = folder.keys / ".new-0123456789ab"
    left.mkdir(parents=True)
    (left / "id_ed25519").write_text("half")
    SshKeys(folder).create("nas")
    assert os.listdir(folder.keys) == ["nas"]


def test_a_machine_without_ssh_keygen_is_said_in_words(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AppError, match="ssh is not installed on this machine"):
        SshKeys(folder).create("nas")
    assert os.listdir(folder.keys) == []


def test_a_folder_that_cannot_be_made_is_said_in_words(folder: DataFolder) -> None:
    folder.keys.write_text("in the way")
    with pytest.raises((StoreUnavailable, AppError)):
        SshKeys(folder).create("nas")

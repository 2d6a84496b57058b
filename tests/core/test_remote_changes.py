"""core/remote_changes.py"""

import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from core.remote_changes import NotOurs, RemoteInUse
from core.remotes import RemoteNotFound
from models.errors import AppError, InvalidInput
from tests.core.remotes_house import RemotesHouse, kind_named, revealed
from tests.rclones import SYSTEM
from tests.remote_servers import PROGRAMS, encrypt

OLD = b"; mine, do not touch\r\n[old]\ntype=local\n\n# a word\n[odd name]\ntype = local\nx = a;b#c\n"
TYPED = {"url": "http://127.0.0.1:1/dav/", "vendor": "nextcloud", "user": "anna", "pass": "p w;#=[x] %d"}


@pytest.fixture(params=PROGRAMS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> RemotesHouse:
    return RemotesHouse(tmp_path, request.param)


@pytest.fixture
def system_house(tmp_path: Path) -> RemotesHouse:
    return RemotesHouse(tmp_path)


def test_a_remote_is_added_as_rclone_would_and_the_rest_stays_to_the_byte(house: RemotesHouse) -> None:
    house.write(OLD)
    house.config.chmod(0o640)
    house.changes.add(kind_named("webdav"), "cloud", TYPED)
    assert house.config.read_bytes().startswith(OLD)
    section = house.remotes.section("cloud")
    assert {key: section[key] for key in ("type", "url", "vendor", "user")} == {
        "type": "webdav", "url": TYPED["url"], "vendor": "nextcloud", "user": "anna",
    }  # fmt: skip
    assert revealed(section["pass"]) == TYPED["pass"]
    assert stat.S_IMODE(house.config.stat().st_mode) == 0o640
    assert TYPED["pass"].encode() not in house.config.read_bytes()


def test_a_new_file_is_for_its_owner_alone_under_any_umask(system_house: RemotesHouse) -> None:
    before = os.umask(0)
    try:
        system_house.changes.add(kind_named("local"), "here", {})
    finally:
        os.umask(before)
    assert stat.S_IMODE(system_house.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(system_house.config.parent.stat().st_mode) == 0o700
    assert system_house.config.read_bytes() == b"[here]\ntype = local\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_of_the_file_stays(system_house: RemotesHouse) -> None:
    system_house.write(OLD)
    os.chown(system_house.config, 65534, 65534)
    system_house.changes.add(kind_named("local"), "here", {})
    found = system_house.config.stat()
    assert (found.st_uid, found.st_gid) == (65534, 65534)


def test_every_kind_is_read_back_by_rclone(system_house: RemotesHouse) -> None:
    system_house.write(OLD)
    typed = {"host": "nas.lan", "remote": "old:/tmp/x", "password": "x y", "access_key_id": "A", "pass": "z"}
    for type_name in ("sftp", "smb", "s3", "crypt", "local"):
        system_house.changes.add(kind_named(type_name), type_name, typed | {"secret_access_key": "a/b+c=="})
        assert system_house.remotes.section(type_name)["type"] == type_name
    assert system_house.remotes.section("s3")["secret_access_key"] == "a/b+c=="


def test_the_secret_is_never_an_argument(system_house: RemotesHouse, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{seen}"\nenv >>"{seen}"\nexec {SYSTEM} "$@"\n')
    spy.chmod(0o755)
    spied = RemotesHouse(tmp_path / "spied", str(spy))
    spied.changes.add(kind_named("webdav"), "cloud", TYPED)
    spied.changes.change("cloud", TYPED | {"pass": "another one"})
    assert "obscure -" in seen.read_text()
    assert TYPED["pass"] not in seen.read_text()
    assert "another one" not in seen.read_text()


HOSTILE_VALUES = ["%(url)s", "`x`", "x\ntype = sftp", "[evil]", "x = y", "#x;", "  x\\  "]


def test_whatever_is_typed_is_kept_exactly_or_refused(system_house: RemotesHouse) -> None:
    system_house.write(OLD)
    kept = []
    for number, text in enumerate(HOSTILE_VALUES):
        before, present = dict(system_house.remotes.sections()), system_house.config.read_bytes()
        try:
            system_house.changes.add(kind_named("webdav"), f"cloud{number}", TYPED | {"user": text, "pass": ""})
        except InvalidInput:
            assert system_house.config.read_bytes() == present
            continue
        after = dict(system_house.remotes.sections())
        assert after.pop(f"cloud{number}")["user"] == text.strip(" ")
        assert after == before
        kept.append(text)
    assert kept == ["[evil]", "x = y", "#x;", "  x\\  "]


def test_a_hostile_or_taken_name_is_refused_beside_its_field(system_house: RemotesHouse) -> None:
    system_house.write(OLD)
    for name in ("old]\n[evil", "x=y", "[x", "-x", "", "a b", "DEFAULT", "old"):
        with pytest.raises(InvalidInput) as refused:
            system_house.changes.add(kind_named("local"), name, {})
        assert set(refused.value.fields) == {"name"}
    assert system_house.config.read_bytes() == OLD


def test_all_that_is_wrong_is_said_at_once(system_house: RemotesHouse) -> None:
    with pytest.raises(InvalidInput) as refused:
        system_house.changes.add(kind_named("webdav"), "-x", {"url": "ftp://x", "user": "a\nb"})
    assert set(refused.value.fields) == {"name", "url", "user"}
    assert not system_house.config.exists()


def test_a_change_keeps_secrets_that_are_not_typed_and_keys_it_does_not_know(system_house: RemotesHouse) -> None:
    system_house.changes.add(kind_named("webdav"), "cloud", TYPED)
    system_house.write(system_house.config.read_bytes() + b"headers = X,1\n")
    kept = system_house.remotes.section("cloud")["pass"]
    system_house.changes.change("cloud", {"url": "http://127.0.0.1:2/", "vendor": "other", "user": "", "pass": ""})
    assert dict(system_house.remotes.section("cloud")) == {
        "type": "webdav", "url": "http://127.0.0.1:2/", "vendor": "other", "pass": kept, "headers": "X,1",
    }  # fmt: skip
    system_house.changes.change("cloud", {"url": "http://127.0.0.1:2/", "vendor": "other", "forget_pass": "1"})
    assert "pass" not in system_house.remotes.section("cloud")


def test_a_kind_without_a_form_is_left_to_rclone(system_house: RemotesHouse) -> None:
    system_house.write("[mine]\ntype = drive\n")
    with pytest.raises(AppError, match="rclone config"):
        system_house.changes.change("mine", {})
    with pytest.raises(RemoteNotFound):
        system_house.changes.change("gone", {})


def test_a_deleted_remote_takes_nothing_along(system_house: RemotesHouse) -> None:
    system_house.write(OLD)
    system_house.changes.remove("old")
    assert (
        system_house.config.read_bytes() == b"; mine, do not touch\r\n# a word\n[odd name]\ntype = local\nx = a;b#c\n"
    )
    with pytest.raises(RemoteNotFound):
        system_house.changes.remove("old")


def test_a_remote_that_a_job_or_another_remote_needs_stays(system_house: RemotesHouse) -> None:
    system_house.write(OLD + b"[over]\ntype = crypt\nremote = old:x\npassword = x\n")
    system_house.job("old:photos")
    with pytest.raises(RemoteInUse, match=r"these jobs use it: “Cloud”; these remotes are built on it: over\."):
        system_house.changes.remove("old")
    assert "old" in system_house.remotes.names()


def test_an_encrypted_file_is_not_written_and_the_line_to_run_works(house: RemotesHouse) -> None:
    house.write(OLD)
    encrypt(house.config, "open sesame", house.program)
    house.remotes.set_password("open sesame")
    sealed = house.config.read_bytes()
    with pytest.raises(NotOurs) as refused:
        house.changes.add(kind_named("webdav"), "cloud", TYPED)
    with pytest.raises(NotOurs) as delete:
        house.changes.remove("old")
    with pytest.raises(NotOurs):
        house.changes.change("old", {})
    assert house.config.read_bytes() == sealed
    assert TYPED["pass"] not in refused.value.line
    for line, typed in ((refused.value.line, TYPED["pass"] + "\n"), (delete.value.line, "")):
        run_line(house, line, typed)
    assert set(house.remotes.names()) == {"cloud", "odd name"}
    assert revealed(house.remotes.section("cloud")["pass"]) == TYPED["pass"]


def run_line(house: RemotesHouse, line: str, typed: str) -> None:
    """As a person does in a shell where `rclone` is this one."""
    program = house.root / "rclone-of-this-shell"
    program.mkdir(exist_ok=True)
    if not (program / "rclone").exists():
        (program / "rclone").symlink_to(house.program)
    environment = {"PATH": f"{program}:/usr/bin:/bin", "HOME": "/nonexistent", "RCLONE_CONFIG_PASS": "open sesame"}
    subprocess.run(["sh", "-c", line], input=typed, env=environment, check=True, text=True, timeout=60)


def test_edits_of_others_at_the_same_time_are_never_lost(system_house: RemotesHouse) -> None:
    """Somebody replaces the file, as rclone does, while two of our processes add to it."""
    system_house.write(OLD)
    others = [RemotesHouse(system_house.root), RemotesHouse(system_house.root)]
    ours = [f"ours-{number}-{count}" for number in range(2) for count in range(3)]

    def add(house: RemotesHouse, names: list[str]) -> None:
        for name in names:
            house.changes.add(kind_named("local"), name, {})

    threads = [threading.Thread(target=add, args=(house, ours[3 * n : 3 * n + 3])) for n, house in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(system_house.remotes.names()) == {*ours, "old", "odd name"}
    assert system_house.config.read_bytes().startswith(OLD)


def test_an_edit_between_our_reading_and_writing_is_merged(
    system_house: RemotesHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    system_house.write(OLD)
    read, edited = system_house.remotes.read, list[bool]()

    def read_and_be_overtaken(content: bytes, password: str = "") -> object:
        if b"[new]" in content and not edited:
            edited.append(True)
            other = system_house.config.with_suffix(".tmp")
            other.write_bytes(OLD + b"[theirs]\ntype = local\n")
            other.rename(system_house.config)
        return read(content, password)

    monkeypatch.setattr(system_house.remotes, "read", read_and_be_overtaken)
    system_house.changes.add(kind_named("local"), "new", {})
    assert set(system_house.remotes.names()) == {"new", "theirs", "old", "odd name"}
    assert edited


def test_a_full_disk_leaves_the_file_as_it_was(system_house: RemotesHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    system_house.write(OLD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.shared_file.os.write", full)
    with pytest.raises(AppError, match="disk is full"):
        system_house.changes.add(kind_named("local"), "new", {})
    assert system_house.config.read_bytes() == OLD
    assert os.listdir(system_house.config.parent) == ["rclone.conf"]

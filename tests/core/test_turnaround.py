"""A job turned around: which folder its copy is, and what is kept of a wish."""

import json
from pathlib import Path

import pytest

from core.turnaround import suggested_target, target_state, turned, way_back, wish_from_json, wish_to_json
from models.errors import CannotStart
from models.job import JobSettings
from models.request import RestoreWish
from tests import build


def test_contents_correspond_whatever_the_closing_slash() -> None:
    inside = way_back(build.job(source="/srv/photos/", dest="/mnt/usb/photos"))
    assert (inside.copy, inside.original, inside.only) == ("/mnt/usb/photos/", "/srv/photos/", b"")
    whole = way_back(build.job(source="/srv/photos", dest="/mnt/usb"))
    assert (whole.copy, whole.original) == ("/mnt/usb/photos/", "/srv/photos/")


def test_a_single_file_is_the_only_one_that_counts(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb/passwords.kdbx").write_text("secret")
    way = way_back(build.job(source=str(tmp_path / "home/passwords.kdbx"), dest=str(tmp_path / "usb")))
    assert (way.copy, way.original, way.only) == (f"{tmp_path}/usb/", f"{tmp_path}/home/", b"passwords.kdbx")


def test_what_was_left_out_or_deleted_on_the_way_there_does_not_matter_on_the_way_back() -> None:
    settings = JobSettings(exclude=("*.tmp",), include=("a",), delete_source_after=True, unbuilt=("schedule",))
    job = build.job(settings=settings)
    work = turned(job, way_back(job), "/srv/back")
    assert (work.source, work.dest) == ("/srv/backup/photos/", "/srv/back")
    assert work.settings == JobSettings()


def test_a_wish_is_kept_with_every_byte_of_its_names() -> None:
    wish = RestoreWish((b"new\nline", b"\xff\xfe", "é/😀".encode()), "/srv/back", True, "run", True)
    assert wish_from_json(wish_to_json(wish)) == wish
    assert json.loads(wish_to_json(wish))["names"][0] == "new\nline"


def test_the_suggested_folder_is_new(tmp_path: Path) -> None:
    original = f"{tmp_path}/photos/"
    first = suggested_target(original, "2026-11-21")
    assert first == f"{tmp_path}/photos-restored-2026-11-21"
    Path(first).mkdir()
    assert suggested_target(original, "2026-11-21") == f"{first}-2"
    assert suggested_target("nas:/srv/music/", "2026-11-21").endswith("/music-restored-2026-11-21")


def test_a_folder_is_absent_empty_or_occupied(tmp_path: Path) -> None:
    assert target_state(str(tmp_path / "no")) == "absent"
    assert target_state(str(tmp_path)) == "empty"
    (tmp_path / "x").touch()
    assert target_state(str(tmp_path)) == "occupied"
    assert target_state(str(tmp_path / "x")) == "occupied"


def test_a_file_under_another_name_is_not_guessed_at(tmp_path: Path) -> None:
    job = build.job(type="rclone", source="/home/a.txt", dest=str(tmp_path / "b.txt"))
    (tmp_path / "b.txt").touch()
    with pytest.raises(CannotStart, match="by hand"):
        way_back(job)

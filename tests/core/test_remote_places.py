"""Remotes and the folders in them, by a real rclone over a folder of this machine."""

import os
from pathlib import Path

import pytest

from core.browse import CannotBrowse
from core.remote_places import RemotePlaces
from models.errors import InvalidInput
from tests.core.remotes_house import RemotesHouse


@pytest.fixture
def places(tmp_path: Path) -> RemotePlaces:
    house = RemotesHouse(tmp_path)
    cloud = tmp_path / "cloud"
    for name in ("Zoo/deep", "apple", ".hidden"):
        (cloud / name).mkdir(parents=True)
    os.mkdir(os.fsencode(cloud) + b"/new\nline")
    (cloud / "file").touch()
    house.write(f"[nas]\ntype = alias\nremote = {cloud}\n[lost]\ntype = alias\nremote = {cloud}/nothing\n")
    return house.parts.remote_places


def test_remotes_are_offered_with_where_they_lead(places: RemotePlaces) -> None:
    assert [remote.name for remote in places.all()] == ["lost", "nas"]


def test_a_remote_has_its_folders_and_a_way_up(places: RemotePlaces) -> None:
    found = places.look("nas:")
    assert [row.name for row in found.rows] == [b"apple", b"new\nline", b"Zoo", b".hidden"]
    assert (found.others, found.above, found.place) == (1, b"", b"nas:")
    below = places.look("nas:Zoo/deep")
    assert (below.rows, below.above) == ((), b"nas:Zoo")
    assert places.look("nas:Zoo").above == b"nas:"
    assert [row.name for row in places.look("nas:", find="zO").rows] == [b"Zoo"]


def test_a_folder_of_too_many_names_is_cut_and_says_so(places: RemotePlaces, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not places.look("nas:").is_cut
    monkeypatch.setattr("core.asking.MOST_BYTES", 90)
    found = places.look("nas:")
    assert found.is_cut
    assert 0 < found.count + found.others < 5


def test_what_is_not_there_is_said_in_words_or_the_remote_shown_instead(places: RemotePlaces) -> None:
    with pytest.raises(CannotBrowse, match="There is no folder nas:new/deep"):
        places.look("nas:new/deep")
    assert places.look("nas:new/deep", or_above=True).place == b"nas:"
    with pytest.raises(CannotBrowse, match="There is no folder lost:"):
        places.look("lost:", or_above=True)


def test_a_remote_that_cannot_be_asked_says_why(places: RemotePlaces, tmp_path: Path) -> None:
    (tmp_path / "rclone/rclone.conf").write_text("[odd]\ntype = nothing\n")
    with pytest.raises(CannotBrowse, match="odd: cannot be looked into"):
        places.look("odd:")


@pytest.mark.parametrize("place", ["other:", "/etc", ":local:/etc", "nas,x=y:", "-x:", "nas:../up"])
def test_only_configured_remotes_are_asked(places: RemotePlaces, place: str) -> None:
    with pytest.raises(InvalidInput):
        places.look(place)


def test_without_a_readable_file_there_are_none(tmp_path: Path) -> None:
    house = RemotesHouse(tmp_path)
    house.write("[nas]\nbroken\n")
    assert house.parts.remote_places.all() == ()

"""What patterns would leave out, asked of the real tools over real trees."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from core import catching
from core.catching import CannotTell, Caught
from core.container import Container
from core.process import Captured
from models.errors import AppError, HostKeyUnknown, InvalidInput
from models.job import JobDraft, JobSettings
from tests.core.remotes_house import RemotesHouse

HARD = [
    b"new\nline.tmp",
    b"\xe2\x80\xaegnp.tmp",
    b"bad\xff.tmp",
    b"hiding file x because of pattern y.tmp",
    b"n" * 250 + b".tmp",
]


@pytest.fixture
def house(tmp_path: Path) -> RemotesHouse:
    source = tmp_path / "photos"
    (source / "cache/deep").mkdir(parents=True)
    (source / "cache/deep/a").write_bytes(b"12345")
    (source / "cache/b").write_bytes(b"123")
    (source / "keep").mkdir()
    for name in ("keep/one.tmp", "keep/two.tmp", "three.tmp"):
        (source / name).write_bytes(b"12")
    (source / "keep/photo.jpg").write_bytes(b"1234567")
    house = RemotesHouse(tmp_path)
    house.write(f"[nas]\ntype = alias\nremote = {source}\n")
    return house


def caught(
    parts: Container, source: str, *exclude: str, engine: str = "rsync", include: tuple[str, ...] = ()
) -> Caught:
    settings = JobSettings(exclude=exclude, include=include)
    return parts.drafts.caught(JobDraft("", engine, source, "", settings))


@pytest.mark.parametrize("closing", ["", "/"])
def test_rsync_names_what_each_pattern_catches_with_files_and_bytes(house: RemotesHouse, closing: str) -> None:
    found = caught(house.parts, f"{house.root}/photos{closing}", "*.tmp", "cache/", "*.nothing")
    by_pattern = {group.pattern: group for group in found.groups}
    assert (by_pattern["*.tmp"].files, by_pattern["*.tmp"].size, by_pattern["*.tmp"].folders) == (3, 6, 0)
    assert (by_pattern["cache/"].files, by_pattern["cache/"].size, by_pattern["cache/"].folders) == (2, 8, 1)
    assert by_pattern["cache/"].names == ("cache/",)
    assert set(by_pattern["*.tmp"].names) == {"three.tmp", "keep/one.tmp", "keep/two.tmp"}
    assert found.unused == ("*.nothing",)
    assert (found.files, found.folders, found.size, found.is_cut) == (5, 1, 14, False)
    assert found.looked_at


@pytest.mark.parametrize("source", ["{root}/photos", "nas:"])
def test_rclone_names_every_file_here_and_elsewhere(house: RemotesHouse, source: str) -> None:
    place = source.format(root=house.root)
    found = caught(house.parts, place, "*.tmp", "cache/", engine="rclone", include=("/keep/one.tmp",))
    assert (found.files, found.folders, found.size) == (4, 0, 12)
    assert set(found.groups[0].names) == {"three.tmp", "keep/two.tmp", "cache/b", "cache/deep/a"}


def test_what_is_always_included_is_not_caught(house: RemotesHouse) -> None:
    found = caught(house.parts, f"{house.root}/photos/", "*.tmp", include=("/keep/one.tmp",))
    assert set(found.groups[0].names) == {"three.tmp", "keep/two.tmp"}


@pytest.mark.parametrize("engine", ["rsync", "rclone"])
def test_hostile_names_are_shown_truthfully_and_counted(house: RemotesHouse, engine: str) -> None:
    hard = house.root / "hard"
    hard.mkdir()
    for name in HARD:
        Path(os.fsdecode(os.fsencode(hard) + b"/" + name)).write_bytes(b"1")
    found = caught(house.parts, f"{hard}/", "*.tmp", engine=engine)
    assert (found.files, found.size) == (len(HARD), len(HARD))
    names = set(found.groups[0].names)
    assert {"new\\nline.tmp", "bad\\xff.tmp", "\\u202egnp.tmp", "hiding file x because of pattern y.tmp"} <= names


def test_a_pattern_that_catches_the_source_itself_says_so(house: RemotesHouse) -> None:
    found = caught(house.parts, f"{house.root}/photos", "photos")
    assert found.groups[0].names == ("the source itself/",) or found.groups[0].names == ("the source itself",)
    assert found.files == 6


def test_without_patterns_nobody_is_asked(house: RemotesHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catching, "answer", None)
    assert caught(house.parts, f"{house.root}/photos") == Caught()


def test_a_large_source_is_cut_and_says_how_far_it_went(house: RemotesHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catching, "_LINES", 3)
    found = caught(house.parts, f"{house.root}/photos/", "*.tmp", "*.nothing")
    assert found.is_cut
    assert found.looked_at == 3
    assert found.unused == ()


def test_a_tool_that_takes_too_long_is_stopped_and_what_it_said_counts(
    house: RemotesHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = b"[sender] hiding file three.tmp because of pattern *.tmp\n[sender] hiding file keep/o"
    monkeypatch.setattr(catching, "answer", lambda step, seconds: Captured(-9, said, True))
    found = caught(house.parts, f"{house.root}/photos/", "*.tmp")
    assert (found.is_cut, found.files, found.groups[0].names) == (True, 1, ("three.tmp",))


@pytest.mark.parametrize(
    ("source", "exclude", "field"),
    [("relative", "*.tmp", "source"), ("", "*.tmp", "source"), ("/srv", "\x1b[2J", "exclude")],
)
def test_what_is_wrong_stands_beside_its_field(house: RemotesHouse, source: str, exclude: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        caught(house.parts, source, exclude)
    assert set(refused.value.fields) == {field}


def test_a_source_that_is_gone_is_said_in_words(house: RemotesHouse) -> None:
    for engine in ("rsync", "rclone"):
        with pytest.raises(CannotTell) as refused:
            caught(house.parts, f"{house.root}/gone", "*.tmp", engine=engine)
        assert refused.value.message
        assert "exit" not in refused.value.message


def test_a_host_whose_key_nobody_accepted_is_not_asked(house: RemotesHouse) -> None:
    with pytest.raises(HostKeyUnknown):
        caught(house.parts, "anna@nas.lan:/srv", "*.tmp")


def test_a_strange_engine_is_refused(house: RemotesHouse) -> None:
    with pytest.raises(AppError, match="Choose an engine"):
        caught(house.parts, "/srv", "*.tmp", engine="tape")


def test_the_counts_of_an_answer_are_sums_of_its_groups() -> None:
    group = catching.Group("*.tmp", 5, 4, 1, 10, ("a", "b"))
    found = Caught(groups=(group, replace(group, size=None)))
    assert (found.files, found.folders, found.size, group.more) == (8, 2, None, 3)


@pytest.mark.parametrize("engine", ["rsync", "rclone"])
def test_a_list_beyond_all_measure_is_cut_and_not_kept(
    house: RemotesHouse, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2000):
        (house.root / f"photos/{number}.tmp").touch()
    monkeypatch.setattr("core.asking.MOST_BYTES", 4000)
    found = caught(house.parts, f"{house.root}/photos/", "*.tmp", engine=engine)
    assert (found.is_cut, found.doubt) == (True, "")
    assert 0 < found.files < 500

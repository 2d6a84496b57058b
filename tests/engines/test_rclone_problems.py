"""Refusals and warnings of rclone jobs that can be told by reading them."""

from typing import Any

import pytest

from engines.base import Tool
from engines.rclone_problems import find_problems, find_warnings, resulting_folder, take_apart
from models.errors import InvalidInput
from models.job import Job, JobSettings, SshAccess
from tests import build


def job(source: str = "/srv/photos", dest: str = "nas:photos", **settings: object) -> Job:
    return build.job(type="rclone", source=source, dest=dest, settings=JobSettings(**settings))  # type: ignore[arg-type]


def problems(source: str = "/srv/photos", dest: str = "nas:photos", **settings: Any) -> dict[str, str]:
    return find_problems(job(source, dest, **settings), None)


@pytest.mark.parametrize(("source", "dest"), [("/a", "nas:x"), ("nas:x", "/a"), ("one:x", "two:x"), ("/a", "/b"),
    ("nas:a", "nas:b"), ("/a/", ":local:/b"), ("nas:", "/a"), ("/", "nas:x"), ("nas:ab", "nas:abc")])  # fmt: skip
def test_every_pair_of_sides_can_be_copied(source: str, dest: str) -> None:
    assert problems(source, dest) == {}


@pytest.mark.parametrize(("source", "dest", "words"), [
    ("/a", "/", "cannot be / itself"), ("/a", "/a/", "onto themselves"), ("/a", "/a/b", "lies inside the source"),
    ("/a/b", "/a", "does not contain"), ("nas:a", "nas:/a", "onto themselves"), ("nas:", "nas:x", "inside the source"),
    ("nas:a/b", "nas:a", "does not contain"), ("/a", ":local:/a", "onto themselves"),
])  # fmt: skip
def test_sides_that_overlap_are_refused(source: str, dest: str, words: str) -> None:
    found = problems(source, dest)
    assert set(found) == {"dest"}
    assert words in found["dest"]


def test_each_wrong_side_has_its_sentence() -> None:
    assert set(problems("photos", ":s3:x")) == {"source", "dest"}
    with pytest.raises(InvalidInput):
        take_apart(job("photos"))


@pytest.mark.parametrize(
    "pattern",
    ["*.tmp", "/cache/", "a b/**", "{a,b}*", "[a-z]?", "z-a", "[z]-a[-b]", "[^a-c-]", "x\\{y", "- *", "\\[a", "!"],
)
def test_patterns_of_rclone_are_accepted(pattern: str) -> None:
    assert problems(exclude=(pattern,)) == {}


@pytest.mark.parametrize(
    "pattern", ["{a", "a}", "[a", "[m-i]", "x[^ab-0z]", "a\\", "a***b", "{{.*}}", " a", "a ", "a\nb"]
)
def test_patterns_that_rclone_would_refuse_or_misread_are_refused(pattern: str) -> None:
    for field in ("exclude", "include"):
        patterns: dict[str, Any] = {field: (pattern,)}
        found = problems(**patterns)
        assert set(found) == {field}
        assert found[field].endswith(".")


def test_what_belongs_to_the_remote_is_refused() -> None:
    assert set(problems(ssh=SshAccess(port=22))) == {"ssh_key"}


def test_another_tool_and_an_old_one_are_refused() -> None:
    assert set(find_problems(build.job(source="/a", dest="/b"), None)) == {"type"}
    assert "too old" in find_problems(job(), Tool("/usr/bin/rclone", (1, 50, 0)))["type"]


@pytest.mark.parametrize(("dest", "folder"), [("nas:photos", "nas:photos"), ("/srv/x/", "/srv/x"), ("nas:", "nas:"),
    (":local:/srv/x", "/srv/x"), ("x", "")])  # fmt: skip
def test_the_files_lie_in_the_destination_itself(dest: str, folder: str) -> None:
    assert resulting_folder(job("/srv/photos", dest)) == folder


def test_what_a_copy_loses_is_said() -> None:
    assert any("Symbolic links" in sentence for sentence in find_warnings(job(), as_root=True))
    assert not any("Symbolic links" in sentence for sentence in find_warnings(job("nas:x", "/a"), as_root=True))
    assert any("may not read" in sentence for sentence in find_warnings(job(), as_root=False))
    assert any("no effect" in sentence for sentence in find_warnings(job(include=("*.jpg",)), as_root=True))
    assert find_warnings(job("x"), as_root=True) == ()

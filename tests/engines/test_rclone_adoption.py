"""Other people's rclone command lines: what becomes a job, and that all the rest is named."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.adopted import Adopted
from engines.rclone_adoption import adopt
from models.job import JobSettings


def only(line: str) -> Adopted:
    [found] = adopt(tuple(shlex.split(line)))
    return found


def test_a_plain_line_is_a_job_and_nothing_is_lost() -> None:
    line = "--log-level INFO copy -Pv --transfers 8 --checkers=16 /a nas:b --stats 10s"
    assert only(line) == Adopted("/a", "nas:b")


def test_what_we_know_is_taken_over() -> None:
    line = "copy --bwlimit 10M -c --exclude '*.tmp' --filter '- /cache/**' nas:a /b"
    assert only(line) == Adopted("nas:a", "/b", JobSettings(10240, exclude=("*.tmp", "/cache/**"), verify="checksum"))
    assert only("copy --bwlimit=off /a b:").settings.bandwidth_limit == 0


def test_what_is_included_alone_leaves_all_else_out_as_rclone_does() -> None:
    settings = only("copy --include '*.jpg' /a b:").settings
    assert (settings.include, settings.exclude) == (("*.jpg",), ("**",))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("sync /a b:", "`rclone sync` deletes at the destination"),
        ("move /a b:", "`rclone move` deletes at the source"),
        ("copyto /a b:c", "may give a file another name"),
        ("copy --delete-excluded /a b:", "`--delete-excluded` deletes at the destination"),
        ("copy --bwlimit '08:00,512 12:00,off' /a b:", "is not understood"),
        ("copy --config /x /a b:", "`--config=/x` is left out"),
        ("copy --drive-frobnicate 5 /a b:", "`--drive-frobnicate=5` is not understood"),
        ("copy --dry-run /a b:", "Use Preview"),
        ("copy --backup-dir b:old /a b:c", "earlier versions"),
        ("copy --exclude x --filter '+ y' /a b:", "The order of its filters is lost"),
        ("copy /a", "It is not clear which words"),
        ("copy -Z /a b:", "`-Z` is not understood"),
    ],
)
def test_what_is_not_taken_over_is_named(line: str, sentence: str) -> None:
    assert sentence in " ".join(only(line).left_out)


def test_a_secret_on_the_line_is_not_repeated() -> None:
    found = only("copy --s3-secret-access-key canary --sftp-pass=canary2 /a b:")
    assert (found.source, found.dest) == ("/a", "b:")
    assert "canary" not in repr(found)


@pytest.mark.parametrize("line", ["", "version", "lsd b:", "mount b: /x", "check /a b:", "copy --help", "--copy"])
def test_a_line_that_copies_nothing_is_no_job(line: str) -> None:
    assert adopt(tuple(shlex.split(line))) == ()


@given(st.lists(st.text(max_size=12) | st.sampled_from(["copy", "sync", "-f", "--include", "--", "/a", "b:", "-"])))
def test_any_words_are_read_without_an_error(words: list[str]) -> None:
    for found in adopt(tuple(words)):
        assert found.settings.delete_source_after is False

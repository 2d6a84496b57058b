"""Other people's rsync command lines: what becomes a job, and that all the rest is named."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.adopted import Adopted, kibibytes
from engines.rsync_adoption import adopt
from models.job import JobSettings, SshAccess


def only(line: str) -> Adopted:
    [found] = adopt(tuple(shlex.split(line)))
    return found


def test_a_plain_line_is_a_job_and_nothing_is_lost() -> None:
    assert only("-avhP --stats --info=progress2 --partial-dir=.x /a/ /b") == Adopted("/a/", "/b")
    assert only("-rlptgoD -- /a/ -b") == Adopted("/a/", "-b")


def test_what_we_know_is_taken_over() -> None:
    line = "-aHAXxzS --numeric-ids -c --bwlimit=2m --exclude='*.tmp' --exclude /cache -e 'ssh -p 2222 -i /k' /a u@h:/b"
    options = ("hard_links", "acls", "xattrs", "numeric_ids", "one_file_system", "compress", "sparse")
    assert only(line) == Adopted(
        "/a", "u@h:/b",
        JobSettings(2048, exclude=("*.tmp", "/cache"), options=options, ssh=SshAccess(2222, "/k"), verify="checksum"),
    )  # fmt: skip
    assert only("-a --port 8730 h::m /b").settings.ssh.port == 8730
    assert only("-a -essh\\ -oPort=22\\ -oIdentityFile=/k h:/m /b").settings.ssh == SshAccess(22, "/k")
    assert only("-a -f '- *.o' --filter='+ x' /a /b").settings.exclude == ("*.o",)


def test_several_sources_are_several_jobs() -> None:
    assert [(job.source, job.dest) for job in adopt(("-a", "/a", "/c", "/b"))] == [("/a", "/b"), ("/c", "/b")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("-a --delete /a /b", "`--delete` deletes at the destination"),
        ("-a --delete-excluded /a /b", "`--delete-excluded` deletes at the destination"),
        ("-a --del /a /b", "`--del` deletes"),
        ("-a --remove-source-files /a /b", "deletes at the source"),
        ("-a --link-dest ../1 /a /b", "`--link-dest=../1` is left out: earlier versions"),
        ("-a --backup --backup-dir=/x /a /b", "`--backup-dir=/x` is left out"),
        ("-an /a /b", "`-n` is left out: a job really copies"),
        ("-a --exclude-from=/x /a /b", "put its lines under"),
        ("-a --password-file /x h::m /b", "type the password in the form"),
        ("-a --rsync-path='sudo rsync' h:/m /b", "the rsync that the other host finds"),
        ("-aR /a /b", "`-R` is left out: folders above the source"),
        ("-a --frobnicate /a /b", "`--frobnicate` is not understood"),
        ("-a -Q /a /b", "`-Q` is not understood"),
        ("-a --bwlimit=fast /a /b", "`--bwlimit=fast` is not understood"),
        ("-a --port=99999 h::m /b", "`--port=99999` is not understood"),
        ("-a -e 'rsh -x' h:/a /b", "`-e rsh -x` is not understood"),
        ('-a -e "ssh \'x" h:/a /b', "is not understood"),
        ("-a -e 'ssh -oProxyCommand=nc' h:/a /b", "`ssh -o ProxyCommand=nc` is left out"),
        ("-rt /a /b", "Without -a it left out links, rights, groups, owners, devices, special files"),
        ("-a --exclude=x --include=y /a /b", "The order of its --include and --exclude is lost"),
        ("-a --filter='merge /x' /a /b", "is not understood"),
        ("-a --no-perms /a /b", "`--no-perms` is left out"),
    ],
)
def test_what_is_not_taken_over_is_named(line: str, sentence: str) -> None:
    assert sentence in " ".join(only(line).left_out)


def test_nothing_that_deletes_is_ever_taken_over() -> None:
    for line in ("--delete", "--remove-source-files", "--delete-before"):
        assert not only(f"-a {line} /a /b").settings.delete_source_after


@pytest.mark.parametrize("line", ["", "--version", "-a /a", "--daemon --config /x /y", "-a --list-only h::m /x", "-e"])
def test_a_line_that_copies_nothing_is_no_job(line: str) -> None:
    assert adopt(tuple(shlex.split(line))) == ()


@given(
    st.lists(st.text(max_size=12) | st.sampled_from(["-a", "-e", "--exclude", "--bwlimit", "--", "/a", "h:/b", "-"]))
)
def test_any_words_are_read_without_an_error(words: list[str]) -> None:
    for found in adopt(tuple(words)):
        assert found.settings.delete_source_after is False
        assert all(sentence.endswith(".") for sentence in found.left_out)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("500", 500), ("0", 0), ("1.5m", 1536), ("10M", 10240), ("1MB", 977), ("2g", 2097152), ("1", 1), ("100b", 1),
     ("10MiB", 10240), ("-1", None), ("08:00,512", None), ("", None), ("9" * 12, None)],
)  # fmt: skip
def test_rates_are_read_as_the_tools_read_them(text: str, rate: int | None) -> None:
    assert kibibytes(text) == rate

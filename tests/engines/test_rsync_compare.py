"""The commands that compare, preview and delete elsewhere, element by element; and which of them a run has."""

from typing import Any

import pytest

from engines.base import Address, Context, Tool
from engines.registry import engine
from models.job import JobSettings, SshAccess
from models.run import RunState
from tests import build

RSYNC = engine("rsync")
NEW = Context(Tool("/usr/bin/rsync", (3, 5, 0)))
FIRST = ("/usr/bin/rsync", "-a", "--no-h", "--info=stats2", "--outbuf=L", "--partial-dir=.rsync-partial", "--mkpath")
LOOK = ("-c", "-n", "-ii", "-8", "--out-format=@%i|%l|%C|%n//")
ENDS = ("--", "/srv/photos/", "/srv/backup/photos")
SELECTED = ("-r", "--from0", "--files-from=/run/selection")


def purposes(**context: Any) -> list[str]:
    return [step.purpose for step in RSYNC.steps(build.job(), NEW._replace(**context))]


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, ["transfer"]),
        ({"verify": "checksum"}, ["transfer"]),
        ({"verify": "verify_after"}, ["transfer", "verify"]),
        ({"deletes_source": True}, ["transfer", "verify"]),
        ({"verify": "checksum", "deletes_source": True}, ["transfer", "verify"]),
        ({"kind": "verify"}, ["verify"]),
        ({"kind": "verify", "verify": "verify_after", "deletes_source": True}, ["verify"]),
        ({"kind": "preview", "verify": "verify_after", "deletes_source": True}, ["preview"]),
        ({"kind": "restore", "verify": "verify_after"}, ["transfer", "verify"]),
        ({"kind": "rehearsal", "verify": "verify_after"}, ["transfer", "verify"]),
    ],
)
def test_each_kind_of_run_has_its_steps(context: dict[str, Any], expected: list[str]) -> None:
    assert purposes(**context) == expected


def argv(purpose: str = "verify", settings: JobSettings | None = None, **context: Any) -> tuple[str, ...]:
    job = build.job(settings=settings or JobSettings())
    return next(step.argv for step in RSYNC.steps(job, NEW._replace(**context)) if step.purpose == purpose)


def test_a_comparison_is_a_dry_run_by_checksum_that_names_every_file() -> None:
    (step,) = RSYNC.steps(build.job(), NEW._replace(kind="verify"))
    assert step.argv == (*FIRST, *LOOK, *ENDS)
    assert (step.phase, step.environment) == (RunState.VERIFYING, {"LC_ALL": "C.UTF-8"})


def test_a_comparison_deals_with_what_the_copy_dealt_with() -> None:
    settings = JobSettings(exclude=("*.tmp",), include=("a.tmp",), options=("acls", "one_file_system"))
    made = argv(settings=settings, kind="verify", exact_times=True, selection="/run/selection", bandwidth_limit=7)
    patterns = ("--include=a.tmp", "--exclude=*.tmp")
    assert made == (*FIRST, *LOOK, "--modify-window=-1", "-A", "-x", "--bwlimit=7", *SELECTED, *patterns, *ENDS)


def test_hard_links_are_compared_one_by_one() -> None:
    assert "-H" not in argv(settings=JobSettings(options=("hard_links",)), kind="verify")


def test_a_comparison_behind_a_restore_looks_at_files_that_were_there() -> None:
    assert "--ignore-existing" not in argv(kind="restore", verify="verify_after")
    assert "--ignore-existing" in argv("transfer", kind="restore", verify="verify_after")
    assert "--ignore-existing" not in argv("transfer", kind="restore", verify="verify_after", overwrite=True)


@pytest.mark.parametrize("verify", ["fast", "checksum"])
def test_a_preview_decides_like_the_run(verify: str) -> None:
    made = argv("preview", kind="preview", verify=verify, exact_times=True)
    decides = ("--modify-window=-1", *(("-c",) if verify == "checksum" else ()))
    assert made == (*FIRST, "-n", "-i", "-8", "--out-format=@%i|%l|%n//", *decides, *ENDS)
    assert set(decides) <= set(argv("transfer", verify=verify, exact_times=True))


def test_a_copy_by_content_says_what_it_repairs_and_lists_as_it_goes() -> None:
    made = argv("transfer", verify="checksum")
    assert {"-c", "-8", "--out-format=@%i|%l|%n//"} <= set(made)
    assert "--no-inc-recursive" not in made


def test_a_restore_that_may_replace_files_compares_contents_and_its_preview_too() -> None:
    assert "-c" not in argv("transfer", kind="restore", verify="checksum")
    assert "-c" in argv("transfer", kind="restore", verify="verify_after", overwrite=True)
    assert "-c" in argv("preview", kind="preview", overwrite=True)


@pytest.mark.parametrize(("verify", "kind", "limited"), [("fast", "backup", True), ("checksum", "backup", False),
                                                         ("fast", "verify", False)])  # fmt: skip
def test_a_side_that_reads_for_hours_is_not_taken_for_dead(verify: str, kind: str, limited: bool) -> None:
    context = NEW._replace(verify=verify, kind=kind)
    ssh = RSYNC.steps(build.job(dest="nas:/srv/x"), context)[0].argv
    daemon = RSYNC.steps(build.job(dest="nas::data/x"), context)[0].argv
    assert ("--timeout=60" in ssh, "--timeout=60" in daemon) == (limited, limited)
    assert any("ServerAliveInterval=15" in word for word in ssh)
    assert ("--sockopts=SO_KEEPALIVE" in daemon) is not limited


def test_a_source_elsewhere_is_emptied_by_its_own_rsync_of_what_is_equal_alone() -> None:
    context = NEW._replace(selection="/run/verified", deletes_source=True)
    step = RSYNC.deletion_step(build.job(source="nas:/srv/[x]", dest="/srv/backup"), context)
    assert step is not None
    assert step.argv[:-5] == (
        *FIRST, "-c", "--info=remove1", "-8", "--remove-source-files", "--temp-dir=/proc", "-r", "--from0",
        "--files-from=/run/verified", "-s",
    )  # fmt: skip
    assert step.argv[-3:] == ("--", "nas:/srv/\\[x]/", "/srv/backup/[x]/")
    assert (step.purpose, step.phase) == ("delete", RunState.DELETING)
    assert RSYNC.deletion_step(build.job(), context) is None


@pytest.mark.parametrize(
    ("source", "dest", "copy", "original"),
    [
        ("/srv/photos/", "/mnt/b", "/mnt/b/", "/srv/photos/"),
        ("/srv/photos", "/mnt/b/", "/mnt/b/photos/", "/srv/photos/"),
        ("/srv/photos", "nas:/b", "nas:/b/photos/", "/srv/photos/"),
        ("anna@nas:/srv/photos", "/mnt/b", "/mnt/b/photos/", "anna@nas:/srv/photos/"),
        ("nas::data", "/mnt/b", "/mnt/b/", "nas::data/"),
        ("rsync://nas:8730/data/x", "/mnt/b", "/mnt/b/x/", "rsync://nas:8730/data/x/"),
        ("/srv/photos/.", "/mnt/b", "/mnt/b/", "/srv/photos/./"),
    ],
)
def test_a_job_turned_around_names_contents_on_both_sides(source: str, dest: str, copy: str, original: str) -> None:
    assert RSYNC.restored(build.job(source=source, dest=dest)) == (copy, original)


@pytest.mark.parametrize(
    ("dest", "port", "expected"),
    [
        ("/srv/backup", None, None),
        ("anna@nas:/srv", None, Address("nas", 22)),
        ("nas:/srv", 2222, Address("nas", 2222)),
        ("[::1]:/srv", None, Address("::1", 22)),
        ("nas::data", None, Address("nas", 873)),
        ("rsync://nas:8730/data", 22, Address("nas", 8730)),
    ],
)
def test_whether_a_host_answers_is_asked_at_its_port(dest: str, port: int | None, expected: Address | None) -> None:
    job = build.job(dest=dest, settings=JobSettings(ssh=SshAccess(port)))
    assert RSYNC.probe(job, NEW) == expected


def test_a_selected_name_is_never_taken_for_a_comment() -> None:
    assert b"".join(RSYNC.selection([b"#a", b";b", b"c\nd"])) == b"./#a\0./;b\0./c\nd\0"


@pytest.mark.parametrize(("code", "state"), [(0, RunState.DONE), (23, RunState.DONE_WITH_WARNINGS),
                                             (24, RunState.DONE), (30, RunState.FAILED)])  # fmt: skip
def test_a_comparison_that_ended_is_no_failure_of_its_own(code: int, state: RunState) -> None:
    assert RSYNC.verdict(code, (), "verify").state is state
    if code == 23:
        assert "could not be read" in RSYNC.verdict(code, (), "verify").reason

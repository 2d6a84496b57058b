"""The command lines of rclone, compared element by element."""

import pytest

from engines.base import Context, Step, Tool
from engines.registry import engine
from models.findings import Tally
from models.job import Job, JobSettings
from models.run import RunState
from tests import build

TOOL = Tool("/usr/bin/rclone", (1, 75, 2))
CONTEXT = Context(TOOL, config_file="/data/rclone.conf", password_file='/data/run "1"/password')
ALWAYS = (
    "--use-json-log", "--stats=250ms", "--stats-log-level=NOTICE", "--retries=1", "--low-level-retries=2",
    "--contimeout=15s", "--timeout=2m",
)  # fmt: skip
CONFIGURED = (
    "--ask-password=false", "--config=/data/rclone.conf", '--password-command=/bin/cat "/data/run ""1""/password"',
)  # fmt: skip
COPY = ("/usr/bin/rclone", "copy", "--create-empty-src-dirs", "--check-first")


def job(source: str = "/srv/photos", dest: str = "nas:photos", **settings: object) -> Job:
    return build.job(type="rclone", source=source, dest=dest, settings=JobSettings(**settings))  # type: ignore[arg-type]


def steps(made: Job, **context: object) -> tuple[Step, ...]:
    plain = {name: getattr(CONTEXT, name) for name in ("tool", "config_file", "password_file")}
    return engine("rclone").steps(made, Context(**plain | context))


def test_a_copy_to_a_remote() -> None:
    (step,) = steps(job())
    assert step.argv == (*COPY, *ALWAYS, *CONFIGURED, "--", "/srv/photos", "nas:photos")
    assert (step.phase, step.purpose, dict(step.environment)) == (
        RunState.TRANSFERRING,
        "transfer",
        {"LC_ALL": "C.UTF-8"},
    )


def test_a_copy_between_two_folders_reads_no_configuration() -> None:
    (step,) = steps(job(dest="/srv/backup"))
    end = ("--ask-password=false", "--config=/dev/null", "--", "/srv/photos", "/srv/backup")
    assert step.argv == (*COPY, *ALWAYS, *end)


def test_without_a_file_of_our_own_rclone_looks_where_it_always_does() -> None:
    (step,) = steps(job(), config_file="", password_file="")
    assert step.argv == (*COPY, *ALWAYS, "--ask-password=false", "--", "/srv/photos", "nas:photos")


def test_every_wish_of_a_copy_has_its_place() -> None:
    made = job(include=("*.jpg",), exclude=("*.tmp", "/cache/"), list_files=True)
    (step,) = steps(made, bandwidth_limit=500, verify="checksum")
    wishes = (
        "--checksum", "--bwlimit=500Ki", "--filter=+ *.jpg", "--filter=- *.tmp", "--filter=- /cache/", "-v",
    )  # fmt: skip
    assert step.argv == (*COPY, *wishes, *ALWAYS, *CONFIGURED, "--", "/srv/photos", "nas:photos")


def test_a_very_large_tree_is_not_listed_first() -> None:
    (step,) = steps(job(), large_tree=True)
    assert "--check-first" not in step.argv


@pytest.mark.parametrize(("kind", "overwrite", "kept"), [("restore", False, True), ("restore", True, False),
    ("rehearsal", False, True), ("backup", False, False), ("preview", True, False)])  # fmt: skip
def test_only_a_restore_keeps_what_is_there(kind: str, overwrite: bool, kept: bool) -> None:
    first = steps(job("nas:photos", "/srv/back"), kind=kind, overwrite=overwrite)[0]
    assert ("--ignore-existing" in first.argv) is kept


def test_a_selection_takes_the_place_of_the_patterns() -> None:
    (step,) = steps(job(exclude=("*.tmp",)), selection="/data/selection.rclone")
    assert "--filter-from=/data/selection.rclone" in step.argv
    assert not any("*.tmp" in word for word in step.argv)


@pytest.mark.parametrize("context", [{"verify": "verify_after"}, {"deletes_source": True}])
def test_a_copy_that_is_to_be_proven_is_compared_behind_it(context: dict[str, object]) -> None:
    _, check = steps(job(exclude=("*.tmp",)), bandwidth_limit=500, **context)
    words = ("check", "--one-way", "--combined", "-", "--bwlimit=500Ki", "--filter=- *.tmp")
    assert check.argv == ("/usr/bin/rclone", *words, *ALWAYS, *CONFIGURED, "--", "/srv/photos", "nas:photos")
    assert (check.phase, check.purpose) == (RunState.VERIFYING, "verify")


def test_verifying_is_the_comparison_alone() -> None:
    (step,) = steps(job(), kind="verify")
    assert step.purpose == "verify"


def test_a_preview_is_the_very_copy_that_copies_nothing() -> None:
    made = job(exclude=("*.tmp",), list_files=True)
    (preview,) = steps(made, kind="preview", verify="checksum")
    (copy,) = steps(job(exclude=("*.tmp",)), verify="checksum")
    assert tuple(word for word in preview.argv if word not in ("--dry-run", "-vv")) == copy.argv
    assert {"--dry-run", "-vv"} <= set(preview.argv)
    assert preview.purpose == "preview"


def test_what_no_checksum_could_prove_is_read_on_both_sides() -> None:
    made, rclone = job(), engine("rclone")
    (check,) = steps(made, kind="verify")
    again = rclone.followup(check, made, CONTEXT, (Tally("unproven", 3),))
    assert again is not None
    assert tuple(word for word in again.argv if word != "--download") == check.argv
    assert again.purpose == "verify"
    assert rclone.followup(again, made, CONTEXT, (Tally("unproven", 3),)) is None
    assert rclone.followup(check, made, CONTEXT, (Tally("verified", 3),)) is None
    assert rclone.followup(steps(made)[0], made, CONTEXT, (Tally("unproven", 3),)) is None


def test_two_folders_of_this_machine_always_share_a_checksum() -> None:
    made = job(dest="/srv/backup")
    assert engine("rclone").followup(steps(made, kind="verify")[0], made, CONTEXT, (Tally("unproven", 3),)) is None


def test_a_deletion_moves_what_is_there_already_and_refuses_the_rest() -> None:
    made = job("nas:photos", "/srv/back", exclude=("*.tmp",))
    context = Context(TOOL, config_file="/data/rclone.conf", selection="/data/verified.rclone")
    step = engine("rclone").deletion_step(made, context)
    assert step is not None
    words = ("move", "-v", "--checksum", "--immutable", "--files-from-raw=/data/verified.rclone")
    end = ("--ask-password=false", "--config=/data/rclone.conf", "--", "nas:photos", "/srv/back")
    assert step.argv == ("/usr/bin/rclone", *words, *ALWAYS, *end)
    assert (step.phase, step.purpose) == (RunState.DELETING, "delete")
    assert engine("rclone").deletion_step(job(), context) is None


def test_a_folder_of_the_copy_is_listed_in_universal_time() -> None:
    step = engine("rclone").listing_step(job(dest="nas:photos/"), b"a b/-c\n", CONTEXT)
    assert step is not None
    assert step.argv == (
        "/usr/bin/rclone", "lsf", "--format", "tsp", "--separator", "|", "--use-json-log", "--retries", "1",
        "--low-level-retries", "1", "--contimeout", "8s", "--timeout", "20s", *CONFIGURED, "--", "nas:photos/a b/-c␊",
    )  # fmt: skip
    assert step.environment["TZ"] == "UTC"
    assert engine("rclone").listing_step(job(dest="/srv/x"), b"", CONTEXT) is None


def test_a_remote_is_asked_for_its_root() -> None:
    step = engine("rclone").probe(job("one:x", "two:y"), CONTEXT)
    assert isinstance(step, Step)
    assert step.argv[-2:] == ("--", "two:")
    assert engine("rclone").probe(job(dest="/srv/x"), CONTEXT) is None

"""What rsync says that its filter hides, and the command that asks for it."""

from engines.base import Context, LeftOut, Step, Tool
from engines.registry import engine
from models.job import Job, JobSettings
from tests import build

RSYNC, CONTEXT = engine("rsync"), Context(Tool("/usr/bin/rsync", (3, 2, 7)))
SAID = (
    b"[sender] hiding file photos/a.tmp because of pattern *.tmp\n"
    b"[sender] hiding directory photos/cache because of pattern cache/\n"
    b"[sender] hiding file photos/new\\#012line because of pattern x because of pattern new*\n"
    b"[sender] showing file photos/keep.tmp because of pattern keep.tmp\n"
    b"drwxr-xr-x        4096 2026/11/21 20:37:06 photos\n"
    b"-rw-r--r--           0 2026/11/21 20:37:06 photos/[sender] hiding file x because of pattern y\n"
    b"rsync: some warning\n"
    b"[sender] hiding file photos/cut"
)


def test_every_hidden_name_is_read_with_its_pattern_and_no_name_can_forge_one() -> None:
    found = RSYNC.catch(build.job(source="/srv/photos"), SAID)
    assert found.left_out == (
        LeftOut(b"a.tmp", False, None, "*.tmp"),
        LeftOut(b"cache", True, None, "cache/"),
        LeftOut(b"new\nline because of pattern x", False, None, "new*"),
    )
    assert found.looked_at == 5


def test_names_are_relative_to_the_source_however_it_ends() -> None:
    said = b"[sender] hiding file a.tmp because of pattern *.tmp\n"
    assert RSYNC.catch(build.job(source="/srv/photos/"), said).left_out[0].name == b"a.tmp"
    whole = b"[sender] hiding directory photos because of pattern photos\n"
    assert RSYNC.catch(build.job(source="/srv/photos"), whole).left_out[0].name == b""


def step_of(job: Job) -> Step:
    step = RSYNC.catch_step(job, CONTEXT)
    assert step is not None
    return step


def test_the_command_lists_the_source_alone_by_the_patterns_of_the_job() -> None:
    settings = JobSettings(include=("keep.tmp",), exclude=("*.tmp",), options=("one_file_system", "acls"))
    step = step_of(build.job(source="/srv/photos", dest="/mnt/copy", settings=settings))
    assert step.argv[-4:] == ("--include=keep.tmp", "--exclude=*.tmp", "--", "/srv/photos")
    assert "--list-only" in step.argv
    assert "-x" in step.argv
    assert "/mnt/copy" not in step.argv


def test_another_host_is_asked_like_a_copy_would_ask_it() -> None:
    step = step_of(build.job(source="anna@nas:/srv/[x]"))
    assert "-e" in step.argv
    assert "-M--debug=FILTER1" in step.argv
    assert step.argv[-1] == "anna@nas:/srv/\\[x]"


def test_a_daemon_is_not_asked_as_it_would_keep_silent() -> None:
    assert RSYNC.catch_step(build.job(source="nas::photos"), CONTEXT) is None

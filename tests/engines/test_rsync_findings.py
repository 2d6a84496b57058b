"""What readers make of a real rsync's words about single files, whatever these are called."""

import os
import shutil
from pathlib import Path
from tempfile import gettempdir

import pytest

from engines.registry import engine
from models.findings import Finding
from models.job import Job, JobSettings
from tests import build
from tests.e2e.hostile_tree import HARD_NAMES, deepen
from tests.engines.looking import RSYNC, Look, context, fake_ssh, look, read

NAMES = (
    *(name for name in HARD_NAMES if b"/" not in name), b"#hash", b";semicolon",
    b"@.f         |7|0123456789abcdef|other", b"a|", b"|", b"lit\\#012eral", b"del\x7f", b"sender removed x",
    b"x -> y", b"Number of files: 9 (reg: 9)",
)  # fmt: skip


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Its source holds a file of each name, and one of each below a folder of that name."""
    source = os.fsencode(tmp_path / "source")
    for name in NAMES:
        os.makedirs(os.path.join(source, b"in", name))
        for place in (source, os.path.join(source, b"in", name)):
            Path(os.fsdecode(os.path.join(place, name))).write_bytes(name[:40])
    return build.job(source=f"{tmp_path}/source/", dest=str(tmp_path / "copy"))


def every_name() -> set[bytes]:
    return {*NAMES, *(b"in/%s/%s" % (name, name) for name in NAMES)}


def damage(path: bytes) -> None:
    """One byte; size and time stay."""
    status = os.stat(path)
    with open(path, "r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("slash", ["/", ""])
def test_every_file_is_found_by_its_exact_name(job: Job, tmp_path: Path, slash: str) -> None:
    job = build.job(source=f"{tmp_path}/source{slash}", dest=job.dest)
    found = look(job, "backup", verify="verify_after")
    assert found.code == 0
    assert found.names("missing") > every_name()
    assert look(job, "preview").names("new") == every_name()
    shutil.copytree(tmp_path / "source", tmp_path / "copy" / ("" if slash else "source"))
    found = look(job)
    assert (found.names("verified"), len(found.findings)) == (every_name(), len(every_name())), found.output
    assert {(one.name, one.size) for one in found.findings} >= {(name, len(name[:40])) for name in NAMES}
    assert found.notices == []


def test_what_differs_is_told_apart(job: Job, tmp_path: Path) -> None:
    shutil.copytree(job.source, job.dest)
    source, copy = os.fsencode(job.source), os.fsencode(job.dest)
    names = iter(NAMES)
    flipped, gone, longer, older = (os.path.join(copy, next(names)) for _ in range(4))
    damage(flipped)
    os.unlink(gone)
    with open(longer, "ab") as file:
        file.write(b"x")
    os.utime(older, (1, 1))
    os.symlink(b"here", os.path.join(source, b"link"))
    os.symlink(b"there", os.path.join(copy, b"link"))
    os.mkdir(os.path.join(source, b"empty folder"))
    os.symlink(b"nowhere", os.path.join(source, b"new link"))
    found = look(job)
    assert found.names("mismatch") == {NAMES[0], NAMES[2], b"link"}
    assert found.names("missing") == {NAMES[1], b"empty folder", b"new link"}
    assert found.names("attributes") == {NAMES[3]}
    assert found.names("verified") == every_name() - set(NAMES[:4])
    seen = look(job, "preview")
    assert (seen.names("new"), seen.names("changed")) == ({NAMES[1], b"new link"}, {NAMES[2], NAMES[3], b"link"})
    assert seen.reader.statistics().files_transferred == 3
    assert look(job, "preview", verify="checksum").names("changed") == {NAMES[0], NAMES[2], b"link"}
    assert Path(tmp_path / "copy" / "empty folder").exists() is False, "a look changed something"


def test_a_copy_by_content_names_what_looked_right_and_was_not(job: Job) -> None:
    shutil.copytree(job.source, job.dest)
    copy = os.fsencode(job.dest)
    damage(os.path.join(copy, NAMES[0]))
    os.utime(os.path.join(copy, NAMES[1]), (1, 1))
    damage(os.path.join(copy, NAMES[1]))
    found = look(job, "backup", verify="checksum")
    assert found.findings == (Finding("changed", NAMES[0], len(NAMES[0][:40])),)
    assert found.notices == []
    assert look(job).names("verified") == every_name()


def test_a_copy_by_content_lists_files_if_asked_to(job: Job) -> None:
    listed = build.job(source=job.source, dest=job.dest, settings=JobSettings(list_files=True))
    found = look(listed, "backup", verify="checksum")
    texts = {notice.text for notice in found.notices if notice.level == "copy"}
    assert {"new\\nline", "-rf", "#hash"} <= texts
    assert not any(text.endswith("//") for text in texts)
    assert found.names("copied") == every_name()


def test_only_a_list_that_was_asked_for_names_what_was_copied(job: Job) -> None:
    listed = build.job(source=job.source, dest=job.dest, settings=JobSettings(list_files=True))
    found = look(listed, "backup")
    assert found.names("copied") == every_name()
    assert {(one.name, one.size) for one in found.findings} >= {(name, len(name[:40])) for name in NAMES}
    assert look(listed, "backup").findings == ()
    assert look(build.job(source=job.source, dest=job.dest + " 2"), "backup").findings == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take the rights of others away")
def test_what_cannot_be_read_is_never_verified(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    for place in (source, copy):
        (place / "closed").mkdir(parents=True)
        for name in ("both", "only source", "fine", "closed/inside"):
            (place / name).write_bytes(b"content")
            os.utime(place / name, (1, 1))
        (place / "both").chmod(0)
    (source / "only source").chmod(0)
    (copy / "closed").chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(gettempdir()) and folder != Path(gettempdir()):
            folder.chmod(folder.stat().st_mode | 0o555)
    found = look(
        build.job(source=f"{source}/", dest=str(copy)),
        how={"user": "nobody", "group": "nogroup", "extra_groups": []},
    )
    assert found.code == 23
    assert found.names("verified") == {b"fine"}
    assert found.names("unproven") == {b"both", b"only source", b"closed/inside"}
    (source / "closed").chmod(0)
    found = look(
        build.job(source=f"{source}/", dest=str(copy)),
        how={"user": "nobody", "group": "nogroup", "extra_groups": []},
    )
    assert b"closed" in found.names("unproven"), found.output


def test_a_source_that_is_gone_is_unproven(tmp_path: Path) -> None:
    found = look(build.job(source=f"{tmp_path}/none/", dest=str(tmp_path)))
    assert found.code == 23
    assert [finding.what for finding in found.findings] == ["unproven"]


@pytest.mark.parametrize(
    "line", [b"@.f         |7|00ff|plai", b"@.f     rsync: oh    |7|00ff|plain//", b"@.f         |7|00ff|plain"]
)
def test_a_line_that_was_cut_or_torn_proves_nothing(line: bytes) -> None:
    reader = RSYNC.reader(build.job(), 0, None, "verify")
    _, found = read(reader, line + b"\nNumber of files: 2 (reg: 1, dir: 1)\n")
    assert found == (Finding("unproven", b""),)


@pytest.mark.parametrize("checksum", [b"0" * 32, b" " * 32])
def test_a_file_without_a_checksum_is_unproven_even_if_nothing_differs(checksum: bytes) -> None:
    reader = RSYNC.reader(build.job(), 0, None, "verify")
    _, found = read(reader, b"@.f         |7|" + checksum + b"|plain//\nNumber of files: 1 (reg: 1)\n")
    assert found == (Finding("unproven", b"plain", 7),)


def test_a_file_that_vanished_meanwhile_is_no_fault_of_the_copy() -> None:
    reader = RSYNC.reader(build.job(), 0, None, "verify")
    _, found = read(reader, b'file has vanished: "/srv/photos/a\\#012b"\nNumber of files: 0\n')
    assert found == (Finding("meanwhile", b"a\nb"),)


def test_figures_follow_the_comparison() -> None:
    reader = engine("rsync").reader(build.job(), 0, 400, "verify")
    first = reader.progress(b"@.f         |100|0a|a//")
    folder = reader.progress(b"@.d         |4096|  |b///")
    assert first is not None
    assert folder is not None
    assert (first.bytes_transferred, first.percent, first.files_done) == (100, 25.0, 1)
    assert (folder.bytes_transferred, folder.files_done) == (100, 2)


def test_a_source_elsewhere_loses_only_what_is_equal(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    equal = ("equal", "-rf", "#hash", "new\nline", "folder/deep")
    for place in (source, copy):
        (place / "folder").mkdir(parents=True)
        for name in (
            "equal",
            "-rf",
            "#hash",
            "new\nline",
            "folder/deep",
            "changed",
            "grown",
            "not selected",
            "no copy",
        ):
            (place / name).write_bytes(b"content")
            os.utime(place / name, (1, 1))
    (source / "changed").write_bytes(b"CONTENT")
    os.utime(source / "changed", (1, 1))
    (source / "grown").write_bytes(b"content and more")
    (copy / "no copy").unlink()
    (source / "fresh").write_bytes(b"content")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    chosen = [*map(os.fsencode, equal), b"changed", b"grown", b"no copy"]
    (tmp_path / "selection").write_bytes(b"".join(RSYNC.selection(chosen, exact=True)))
    job = build.job(source=f"host:{source}", dest=str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    copy.rename(tmp_path / "other" / "source")
    step = RSYNC.deletion_step(job, context(selection=str(tmp_path / "selection")))
    assert step is not None
    found = Look(job, step, fake_ssh(tmp_path / "bin"))
    left = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert left == {"changed", "grown", "not selected", "no copy", "fresh"}, found.output
    (tmp_path / "other" / "source").rename(copy)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    gone = {notice.deleted_file for notice in found.notices if notice.deleted_file}
    assert gone == {"equal", "-rf", "#hash", "new\\nline", "folder/deep"}
    assert found.names("deleted") == set(map(os.fsencode, equal))
    kept = {notice.text.rpartition(": ")[2] for notice in found.notices if "stays at the source" in notice.text}
    assert kept == {"changed", "grown", "no copy"}
    assert not any(notice.failed_file for notice in found.notices)
    assert "stay at the source" in RSYNC.verdict(found.code, (), "delete").reason


@pytest.mark.parametrize("slash", ["/", ""])
def test_every_file_that_a_copy_leaves_out_is_named_below_the_jobs_root(job: Job, tmp_path: Path, slash: str) -> None:
    """A folder in its place keeps a file from being written, from root too."""
    job = build.job(source=f"{tmp_path}/./source{slash}", dest=f"{tmp_path}//copy")
    place = os.fsencode(tmp_path / "copy" / ("" if slash else "source"))
    names = {*NAMES, b"in/x -> y/x -> y"}
    for name in names:
        os.makedirs(os.path.join(place, name, b"in the way"))
    found = look(job, "backup")
    assert found.code == 23
    assert found.names("failed") == names
    assert len(found.findings) == len(names)


@pytest.mark.parametrize(
    ("source", "path", "name"),
    [
        ("host::data/photos/", b"/photos/a/b", b"a/b"),
        ("host::data/photos", b"/photos/a/b", b"a/b"),
        ("host::data", b"/a/b", b"a/b"),
        ("anna@host:/srv//photos/../photos", b"/srv/photos/a/b", b"a/b"),
        ("host::data", b"/mnt/copy/a/b", b"a/b"),
        ("/srv/photos", b"/srv/other/a", b"/srv/other/a"),
    ],
)
def test_a_path_of_a_message_is_taken_for_what_it_is_below_the_jobs_root(source: str, path: bytes, name: bytes) -> None:
    reader = RSYNC.reader(build.job(source=source, dest="/mnt/copy"), 0)
    reader.notice(b'rsync: [sender] send_files failed to open "%s": Permission denied (13)' % path)
    reader.notice(b'rsync: [sender] opendir "%s" failed: Permission denied (13)' % path)
    reader.notice(b'rsync: [generator] chown "%s" failed: Operation not permitted (1)' % path)
    found = [(one.what, one.name) for one in reader.findings()]
    assert found == [("failed", name), ("failed", name + b"/"), ("unset", name)]


def test_what_is_left_out_without_a_name_is_counted_and_the_closing_words_are_not(tmp_path: Path) -> None:
    source, dest = tmp_path / "source", tmp_path / "copy"
    (dest / "blocked/in the way").mkdir(parents=True)
    source.mkdir()
    (source / "blocked").touch()
    job = build.job(source=f"{source}/", dest=str(dest))
    found = look(job, "backup")
    assert (found.code, found.names("failed"), found.names("unnamed")) == (23, {b"blocked"}, set())
    assert "some files/attrs were not transferred" in found.notices[-1].text
    deepen(source)
    found = look(job, "backup")
    assert (found.code, found.names("failed")) == (23, {b"blocked"})
    assert [one for one in found.findings if one.what == "unnamed"] == [Finding("unnamed", b"")]
    assert [one.level for one in found.notices if "filename overflows" in one.text] == ["error"]


@pytest.mark.parametrize(
    "line",
    [
        b'symlink has no referent: "/srv/lost"',
        b"skipping overly long name: x",
        b"rsync: [sender] get_acl: sys_acl_get_file(x, ACL_TYPE_ACCESS): Input/output error (5)",
        b"[sender] cannot convert filename: x (Invalid or incomplete multibyte or wide character)",
    ],
)
def test_a_complaint_in_another_form_is_counted(job: Job, line: bytes) -> None:
    assert read(RSYNC.reader(job, 0), line + b"\n")[1] == (Finding("unnamed", b""),)


@pytest.mark.parametrize(
    "line",
    [
        b"rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1394)",
        b'Load key "/keys/id": Permission denied',
        b"cannot delete non-empty directory: blocked",
        b"IO error encountered -- skipping file deletion",
        b'file has vanished: "/srv/x"',
        b"rsync warning: some files vanished before they could be transferred (code 24) at main.c(1394)",
    ],
)
def test_what_leaves_no_file_out_by_itself_is_not_counted(job: Job, line: bytes) -> None:
    assert read(RSYNC.reader(job, 0), line + b"\n")[1] == ()

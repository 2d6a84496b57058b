"""Jobs outside of us: the script really copies, cron gets its line, and no secret is in anything."""

import os
import subprocess
from pathlib import Path

import pytest

from core.container import Container, build_container
from core.ejecting import CRON_LIMIT, CannotEject
from models.errors import InvalidInput
from models.job import JobDraft, JobSettings
from tests import build

ODD = 'it\'s $(touch owned); `touch owned` \\ "100%" #1'


@pytest.fixture
def core(tmp_path: Path) -> Container:
    return build_container(build.data_folder(tmp_path).root)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def furnished(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "sub/film").write_bytes(bytes(range(256)) * 300)
    (folder / "sub/cache.tmp").write_text("left out")
    return folder


def created(core: Container, tmp_path: Path, **settings: object) -> str:
    source = furnished(tmp_path / ODD)
    wanted = JobSettings(exclude=("*.tmp",), verify="verify_after")._replace(**settings)  # type: ignore[arg-type]
    return core.manager.create(JobDraft("Odd", "rsync", f"{source}/", str(tmp_path / f"copy {ODD}"), wanted)).id


def run(command: list[str], text: str = "", cwd: Path | None = None) -> None:
    done = subprocess.run(command, input=text, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_script_copies_what_a_run_copies_and_nothing_else_happens(core: Container, tmp_path: Path) -> None:
    script = tmp_path / "job.sh"
    script.write_text(core.ejecting.script(created(core, tmp_path)))
    empty = tmp_path / "empty"
    empty.mkdir()
    run(["sh", str(script)], cwd=empty)
    assert tree(tmp_path / f"copy {ODD}") == {
        "a.txt": b"a",
        "sub/film": bytes(range(256)) * 300,
    }
    assert list(empty.iterdir()) == []


def test_the_line_for_cron_does_the_same_once_cron_has_read_it(core: Container, tmp_path: Path) -> None:
    *comments, line = core.ejecting.cron(created(core, tmp_path, verify="fast")).splitlines()
    assert all(comment.startswith("# ") for comment in comments)
    assert line.startswith("0 3 * * * LC_ALL=C.UTF-8 /")
    assert line.endswith(" >/dev/null")
    fields, command = line[: len("0 3 * * * ")], line[len("0 3 * * * ") :]
    assert "%" not in command.replace("\\%", "")
    assert fields == "0 3 * * * "
    run(["sh", "-c", command.replace("\\%", "%")], cwd=tmp_path)
    assert set(tree(tmp_path / f"copy {ODD}")) == {"a.txt", "sub/film"}
    assert not (tmp_path / "owned").exists()


def test_a_line_with_rclone_leaves_cron_nothing_to_mail_but_what_went_wrong(core: Container, tmp_path: Path) -> None:
    source = furnished(tmp_path / "a")
    draft = JobDraft("r", "rclone", str(source), str(tmp_path / "b"), JobSettings(exclude=("*.tmp",)))
    line = core.ejecting.cron(core.manager.create(draft).id).splitlines()[-1]
    command = ["sh", "-c", line.removeprefix("0 3 * * * ").replace("\\%", "%")]
    good = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert (good.stdout, good.stderr) == ("", "")
    assert tree(tmp_path / "b").keys() == {"a.txt", "sub/film"}
    source.rename(tmp_path / "gone")
    bad = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert bad.returncode != 0
    assert "directory not found" in bad.stderr


@pytest.mark.parametrize("tool", ["rsync", "rclone"])
def test_of_a_job_that_compares_cron_mails_the_files_that_differ_and_nothing_else(
    core: Container, tmp_path: Path, tool: str
) -> None:
    source, copy = furnished(tmp_path / "a"), tmp_path / "b"
    draft = JobDraft("r", tool, f"{source}/", str(copy), JobSettings(verify="verify_after"))
    line = core.ejecting.cron(core.manager.create(draft).id).splitlines()[-1]
    command = line.removeprefix("0 3 * * * ").replace("\\%", "%")
    for _ in range(2):
        good = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=True)
        assert (good.stdout, good.stderr) == ("", "")
    rotten = copy / "sub/film"
    kept = rotten.stat()
    rotten.write_bytes(bytes(kept.st_size))
    os.utime(rotten, ns=(kept.st_atime_ns, kept.st_mtime_ns))  # nothing that a copy looks at
    bad = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert "sub/film" in bad.stdout
    assert "a.txt" not in bad.stdout + bad.stderr


def test_a_command_that_cron_would_cut_is_refused_with_the_way_out(core: Container, tmp_path: Path) -> None:
    job_id = created(core, tmp_path, exclude=tuple(f"pattern-{number:03}" for number in range(CRON_LIMIT // 10)))
    with pytest.raises(CannotEject, match="Take the script"):
        core.ejecting.cron(job_id)
    assert "pattern-001" in core.ejecting.script(job_id)


def test_a_password_is_never_in_it_and_its_place_is_said(core: Container) -> None:
    draft = JobDraft("From the NAS", "rsync", "anna@nas.lan::photos", "/srv/copy", password="s3cret-canary")
    job_id = core.manager.create(draft).id
    for text in (core.ejecting.script(job_id), core.ejecting.cron(job_id), core.imports.text()):
        assert "canary" not in text
    script = core.ejecting.script(job_id)
    assert "--password-file=/etc/backup-passwords/From-the-NAS" in script
    assert "Put it, and nothing else, into /etc/backup-passwords/From-the-NAS, then: chmod 600" in script
    assert str(core.folder.root) not in script


def test_what_it_reads_in_our_folder_and_what_it_does_not_do_is_said(core: Container, tmp_path: Path) -> None:
    settings = JobSettings(delete_source_after=True, deletion_confirmed=True)
    over = core.manager.create(JobDraft("ssh", "rsync", str(furnished(tmp_path / "a")), "anna@nas.lan:/copy", settings))
    script = core.ejecting.script(over.id)
    assert f"# It reads keys in {core.folder.root}: keep that folder." in script
    assert "# Nothing is deleted at the source" in script
    assert "--remove-source-files" not in script


def test_a_name_cannot_leave_its_comment(core: Container, tmp_path: Path) -> None:
    job = build.job(name="x\ntouch owned", source=str(furnished(tmp_path / "a")), dest=str(tmp_path / "b"))
    core.jobs.create(job)
    with pytest.raises(InvalidInput):
        core.ejecting.script(job.id)

"""What would come of a definition that is still being typed."""

from pathlib import Path

import pytest

from core.container import Container, build_container
from core.places import Places
from models.errors import InvalidInput
from models.job import JobDraft, JobSettings
from tests import build


@pytest.fixture
def parts(tmp_path: Path) -> Container:
    return build_container(build.data_folder(tmp_path).root)


@pytest.fixture
def draft(tmp_path: Path) -> JobDraft:
    (tmp_path / "photos").mkdir()
    return JobDraft("Photos", "rsync", str(tmp_path / "photos"), str(tmp_path / "new/copy"))


def test_the_exact_command_and_the_room_are_told_before_saving(parts: Container, draft: JobDraft) -> None:
    found = parts.drafts.check(draft._replace(name="", settings=JobSettings(exclude=("*.tmp", "it's"))))
    assert list(found.fields) == ["name"]
    assert found.commands[0].endswith(f"-- {draft.source} {draft.dest}")
    assert "'--exclude=*.tmp'" in found.commands[0]
    assert found.rooms["dest"].total > 0
    assert not parts.jobs.snapshot().jobs


def test_a_copy_that_is_compared_afterwards_has_two_commands(parts: Container, draft: JobDraft) -> None:
    assert len(parts.drafts.check(draft._replace(settings=JobSettings(verify="verify_after"))).commands) == 2


def test_the_command_of_a_saved_job_is_the_one_of_its_page(parts: Container, draft: JobDraft) -> None:
    job = parts.manager.create(draft)
    assert parts.drafts.check(draft, job.id).commands == parts.manager.command(job.id)


def test_no_password_is_in_a_command(parts: Container, draft: JobDraft) -> None:
    dest = "anna@nas::backup"
    job = parts.manager.create(draft._replace(dest=dest, password="s3cret-canary"))
    found = parts.drafts.check(draft._replace(dest=dest, password="s3cret-canary"), job.id)
    assert "--password-file=" in found.commands[0]
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize("wrong", ["relative", "", "/no/such/folder", "a\0b"])
def test_a_job_that_could_not_run_has_no_command(parts: Container, draft: JobDraft, wrong: str) -> None:
    found = parts.drafts.check(draft._replace(source=wrong))
    assert found.commands == ()
    assert "source" in found.fields


def test_a_disk_that_does_not_answer_is_named_and_not_looked_at(
    parts: Container, draft: JobDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, mount = list[tuple[str, ...]](), str(Path(draft.dest).parent)

    def silent(_places: Places, *paths: str) -> dict[str, None]:
        asked.append(paths)
        return {path: None for path in paths if path in (draft.dest, mount)}

    def hang(*_: object) -> None:
        raise AssertionError("it was looked at")

    monkeypatch.setattr(Places, "rooms", silent)
    monkeypatch.setattr("core.guard.folder_problems", hang)
    found = parts.drafts.check(draft)
    assert found.fields == {
        "dest": f"{draft.dest} does not answer. Its disk or host may be away. Try again, or choose another folder."
    }
    monkeypatch.setattr("core.drafts.distant_mounts", lambda: (mount, "/mnt/other"))
    with pytest.raises(InvalidInput, match="does not answer"):
        parts.drafts.refuse_silent(draft)
    asked.clear()
    many = [draft._replace(name=f"Photos {number}", source=f"{mount}/{number}") for number in range(50)]
    problems = parts.imports.problems([*many, draft._replace(dest="relative")])
    assert asked == [(mount,)], "the host of many jobs is asked once"
    assert [sorted(fields) for fields in problems[:-1]] == [["dest", "source"]] * 50
    assert problems[0]["source"].startswith(f"{mount}/0 does not answer")


def test_no_disk_is_called_away_because_others_ask_too(
    parts: Container, draft: JobDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.places._AT_ONCE", 0)
    places = Places(lambda: ("/",), Path("/nowhere"), seconds=0.05)
    monkeypatch.setattr(parts.drafts, "_places", places)
    found = parts.drafts.check(draft)
    assert found.fields == {}
    assert "were not looked at" in found.warnings[0]
    monkeypatch.setattr("core.drafts.distant_mounts", lambda: (str(Path(draft.dest).parent),))
    parts.drafts.refuse_silent(draft)


def test_a_strange_engine_is_told_and_nothing_else(parts: Container, draft: JobDraft) -> None:
    assert list(parts.drafts.check(draft._replace(type="tape")).fields) == ["type"]
    parts.drafts.refuse_silent(draft._replace(type="tape"))

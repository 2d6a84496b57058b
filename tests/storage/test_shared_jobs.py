"""A list of definitions: what goes in and comes back, jobs.yaml of another installation, and what is refused."""

import pytest

from models.job import JobDraft, JobSettings, SshAccess
from storage.file_problem import Unreadable
from storage.shared_job import shared_text
from storage.shared_jobs import BYTES_LIMIT, Listed, read_shared_jobs, shared_jobs_text

PHOTOS = JobDraft(
    "Photos: no, 12:30 \u2192 NAS",
    "rsync",
    "/srv/#photos/",
    "anna@nas.lan:/backup/'photos'",
    JobSettings(exclude=("*.tmp", "- no"), tags=("yes",), ssh=SshAccess(2222, "/root/.ssh/id"), verify="checksum"),
)
MAIL = JobDraft("Mail", "rclone", "/var/mail", "cloud:mail")
HEAD = "backup_manager_jobs: 1\njobs:\n"
GOOD = "- name: Photos\n  type: rsync\n  source: /srv/photos/\n  dest: /mnt/copy\n"
INSTALLED = """\
jobs:
- id: 84d41cda-ff40-4534-b611-110f236108dd
  name: Photos
  source: /srv/photos/
  dest: /mnt/copy
  type: rsync
  status: running
  progress: {bytes_transferred: 5, total_bytes: 9, percent: 55, speed_bytes: 1, eta_seconds: 2}
  settings:
    bandwidth_limit: 500
    enabled: false
    delete_source_after: true
    deletion_confirmed: true
    schedule: {cron: 0 3 * * *}
    colour: blue
  created_at: '2026-11-21T07:02:04.123000'
  updated_at: '2026-11-21T07:02:04.123000'
  owner: anna
"""


def only(text: str) -> Listed:
    [found] = read_shared_jobs(text.encode())
    return found


def test_what_is_exported_comes_back_as_it_was_and_in_its_order() -> None:
    text = shared_jobs_text([PHOTOS, MAIL])
    assert [found.draft for found in read_shared_jobs(text.encode())] == [PHOTOS, MAIL]
    assert [found.name for found in read_shared_jobs(text.encode())] == [PHOTOS.name, "Mail"]


def test_what_is_off_stays_off() -> None:
    paused = PHOTOS._replace(settings=PHOTOS.settings._replace(enabled=False))
    assert only(shared_jobs_text([paused])).draft == paused


def test_no_jobs_are_a_list_too() -> None:
    assert read_shared_jobs(shared_jobs_text([]).encode()) == ()


def test_no_secret_no_consent_and_no_state_is_exported() -> None:
    settings = JobSettings(delete_source_after=True, deletion_confirmed=True, unbuilt=("schedule",))
    text = shared_jobs_text([PHOTOS._replace(settings=settings, password="s3cret-canary")])
    for word in ("canary", "confirmed", "schedule", "status", "id:"):
        assert word not in text


def test_a_job_from_a_list_never_deletes_at_the_source_and_says_so() -> None:
    wishing = PHOTOS._replace(settings=JobSettings(delete_source_after=True))
    for text in (shared_jobs_text([wishing]), shared_text(wishing)):
        found = only(text)
        assert found.draft is not None
        assert not found.draft.settings.delete_source_after
        assert "`delete_source_after` is left out" in found.left_out[0]


def test_one_shared_job_is_a_list_of_one() -> None:
    assert only(shared_text(PHOTOS)).draft == PHOTOS


def test_jobs_yaml_of_another_installation_gives_definitions_without_their_state() -> None:
    found = only(INSTALLED)
    settings = JobSettings(bandwidth_limit=500, enabled=False)
    assert found.draft == JobDraft("Photos", "rsync", "/srv/photos/", "/mnt/copy", settings)
    assert found.line == 2


def test_what_a_job_of_another_installation_asked_for_and_does_not_get_is_named() -> None:
    assert [sentence.split("`")[1] for sentence in only(INSTALLED).left_out] == [
        "schedule",
        "owner",
        "colour",
        "delete_source_after",
    ]


def test_one_job_that_cannot_be_read_hides_no_other() -> None:
    text = HEAD + GOOD + GOOD.replace("/mnt/copy", "2026-11-21") + GOOD.replace("Photos", "Mail")
    first, second, third = read_shared_jobs(text.encode())
    assert (first.name, third.name) == ("Photos", "Mail")
    assert (second.draft, second.line) == (None, 10)
    assert "`dest` stands without quotes" in second.reason


def test_lines_of_windows_and_lists_that_are_written_otherwise_are_read() -> None:
    assert only((HEAD + GOOD).replace("\n", "\r\n")).name == "Photos"
    flow = "{backup_manager_jobs: 1, jobs: [{name: Photos, type: rsync, source: /a, dest: /b}]}"
    assert only(flow).draft == JobDraft("Photos", "rsync", "/a", "/b")
    shared = "backup_manager_jobs: 1\njobs:\n- &one {name: A, type: rsync, source: /a, dest: /b}\n- *one\n"
    assert [found.name for found in read_shared_jobs(shared.encode())] == ["A", "A"]


def test_thousands_of_jobs_are_read() -> None:
    drafts = [MAIL._replace(name=f"Mail {number}") for number in range(6000)]
    assert len(read_shared_jobs(shared_jobs_text(drafts).encode())) == 6000


JOBS = {
    HEAD + GOOD + "  id: 84d41cda\n": (7, "`id` is not known"),
    HEAD + GOOD + "  password: s3cret\n": (7, "`password` is not known"),
    HEAD + GOOD + "  settings:\n    hooks:\n      before: rm -rf /\n": (8, "`settings.hooks` is not known"),
    HEAD + GOOD.replace("name: Photos", 'name: "\\u202egnp"'): (3, "cannot be shown"),
    HEAD + GOOD.replace("/srv/photos/", "!!python/object/apply:os.system [id]"): (5, "tag"),
    HEAD + "- just words\n": (3, "this is not a job"),
    HEAD + "- [\n": (4, "not YAML"),
    INSTALLED.replace("/srv/photos/", '"/srv/\\x1b[31m"'): (4, "cannot be shown"),
    INSTALLED.replace("type: rsync", "type: ../rsync"): (6, "type"),
}


@pytest.mark.parametrize("text", JOBS)
def test_a_hostile_job_is_refused_with_line_and_reason(text: str) -> None:
    found = only(text)
    line, reason = JOBS[text]
    assert found.draft is None
    assert reason in found.reason
    assert found.line == line


FILES = {
    "": "empty",
    "just words": "no list of jobs",
    "jobs: 5": "no list of jobs",
    "backup_manager_jobs: 1\n": "no list of jobs",
    "backup_manager_jobs: 2\njobs: []\n": "version 1",
    "backup_manager_jobs: true\njobs: []\n": "version 1",
    "backup_manager_jobs: 1\njobs: []\npassword: x\n": "`password` is not known",
    "jobs: {": "not YAML",
    HEAD + GOOD + "\x1b[31m": "control character",
}


@pytest.mark.parametrize("text", FILES)
def test_what_is_no_list_of_jobs_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_shared_jobs(text.encode())
    assert FILES[text] in refused.value.reason


def test_what_is_too_large_or_no_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="4 MiB"):
        read_shared_jobs(b"#" * (BYTES_LIMIT + 1))
    with pytest.raises(Unreadable, match="UTF-8"):
        read_shared_jobs((HEAD + GOOD).encode() + b"  x: \xff\n")


def test_a_bomb_of_aliases_is_refused_before_it_is_unfolded() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(Unreadable, match="values are not read"):
        read_shared_jobs((bomb + HEAD + GOOD).encode())

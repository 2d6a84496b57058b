"""A definition to share: what goes in, what stays behind, and what is refused on the way back."""

import pytest

from models.job import JobDraft, JobSettings, SshAccess
from storage.file_problem import Unreadable
from storage.shared_job import BYTES_LIMIT, read_shared, shared_text

DRAFT = JobDraft(
    "Photos: no, 12:30 \u2192 NAS",
    "rsync",
    "/srv/#photos/",
    "anna@nas.lan:/backup/'photos'",
    JobSettings(
        bandwidth_limit=500,
        exclude=("*.tmp", "/cache/", "- no"),
        tags=("family", "yes"),
        options=("acls",),
        ssh=SshAccess(2222, "/root/.ssh/id"),
        stall_minutes=0.5,
        verify="checksum",
        delete_source_after=True,
    ),
)
GOOD = """\
backup_manager_job: 1
name: Photos
type: rsync
source: /srv/photos/
dest: /mnt/copy
"""


def test_what_is_shared_comes_back_as_it_was() -> None:
    assert read_shared(shared_text(DRAFT).encode()) == DRAFT


def test_no_consent_no_password_and_no_state_is_shared() -> None:
    settings = DRAFT.settings._replace(
        deletion_confirmed=True, skip_deletion_this_run=True, enabled=False, unbuilt=("schedule",)
    )
    text = shared_text(DRAFT._replace(settings=settings, password="s3cret-canary"))
    assert read_shared(text.encode()) == DRAFT
    for word in ("canary", "confirmed", "skip_deletion", "enabled", "schedule", "status", "\nid:"):
        assert word not in text


def test_lines_of_windows_are_read() -> None:
    assert read_shared(GOOD.replace("\n", "\r\n").encode()).name == "Photos"


HOSTILE = {
    "": (1, "empty"),
    "just words": (1, "not a shared job"),
    "- a\n- list\n": (1, "not a shared job"),
    GOOD.replace("1\n", "2\n", 1): (1, "version 1"),
    GOOD.replace("1\n", "true\n", 1): (1, "version 1"),
    GOOD.replace("backup_manager_job: 1\n", "") + "<<: {backup_manager_job: 2}\n": (1, "version 1"),
    GOOD + "id: 84d41cda\n": (6, "`id` is not known"),
    GOOD + "password: s3cret\n": (6, "`password` is not known"),
    GOOD + "settings:\n  hooks:\n    before: rm -rf /\n": (7, "`settings.hooks` is not known"),
    GOOD + "settings:\n  ssh:\n    command: sh\n": (8, "`settings.ssh.command` is not known"),
    GOOD + "settings:\n  mode: mirror\n": (7, "`settings.mode`"),
    GOOD + "settings:\n  exclude: [1]\n": (7, "must be text"),
    GOOD + 'settings:\n  exclude: ["a\\nb"]\n': (7, "cannot be shown"),
    GOOD + "settings:\n  bandwidth_limit: -5\n": (7, "bandwidth_limit"),
    GOOD.replace("/srv/photos/", "!!python/object/apply:os.system [id]"): (4, "tag"),
    GOOD.replace("name: Photos", 'name: "\\u202egnp"'): (2, "cannot be shown"),
    GOOD.replace("name: Photos", "name: no"): (2, "put it in quotes"),
    GOOD.replace("name: Photos", "name: Photos\nname: Other"): (3, "stands twice"),
    GOOD.replace("type: rsync", "type: ../rsync"): (3, "type"),
    GOOD.replace("dest: /mnt/copy\n", ""): (1, "`dest` is missing"),
    "a: &a [x, x]\nb: &b [*a, *a]\n" + GOOD: (1, "`a` is not known"),
    "backup_manager_job: {": (2, "not YAML"),
    GOOD + "---\nsecond: 1\n": (6, "second document"),
    GOOD + "x: " + "[" * 40: (6, "deep"),
    GOOD + "\x1b[31m": (6, "control character"),
}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_is_refused_with_line_and_reason(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_shared(text.encode())
    line, reason = HOSTILE[text]
    assert reason in refused.value.reason
    assert refused.value.line == line


def test_a_bomb_of_aliases_is_refused_before_it_is_unfolded() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(Unreadable, match="values are not read"):
        read_shared((bomb + GOOD).encode())


def test_what_is_too_large_or_no_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="64 KiB"):
        read_shared(b"#" * (BYTES_LIMIT + 1))
    with pytest.raises(Unreadable, match="UTF-8"):
        read_shared(GOOD.encode() + b"x: \xff\n")

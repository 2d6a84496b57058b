"""Texts from elsewhere as proposals: crontabs, units, scripts, lists of jobs; hostile text does nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adoption import BYTES_LIMIT, LIMIT, Adoption, Proposal, read_commands
from core.adoption_sources import kind_of
from models.errors import InvalidInput
from models.job import JobDraft, JobSettings
from storage.shared_jobs import shared_jobs_text

CRONTAB = """\
# rsync -a /commented /out
MAILTO=root
30 2 * * 1-5 nice -n 19 rsync -a --delete /home/anna/ /mnt/usb/anna >/dev/null 2>&1
@daily root /usr/bin/rclone sync /srv/docs nas:docs
0 4 * * * mysqldump all | gzip > /x.gz && rsync -a /x.gz nas:/dumps\\%
5 4 * * sun echo rsync is done
"""
UNITS = """\
[Unit]
Description=rsync of the mail
[Service]
User=mail
ExecStartPre=-/bin/mount /mnt
ExecStart=/usr/bin/rsync -a \\
    --exclude=%h/x \\
    /var/mail/ /mnt/mail
[Timer]
OnCalendar=*-*-* 02:00
"""
SCRIPT = """\
#!/bin/bash
set -e
SRC=/home/anna
if ! command -v rsync >/dev/null; then apt-get install -y rsync openssh-client curl; fi
rsync -a --exclude='$RECYCLE.BIN' "$SRC/" /mnt/copy || echo failed
for d in a b; do
  sudo -u anna rsync -a /srv/$d /mnt/$d
done
bash -c 'cd / && rsync -a /etc /mnt/etc'
cat <<END
rsync -a /not /this
END
rsync -a /photos/*.jpg /mnt/photos
"""


def read(text: str, kind: str = "") -> Adoption:
    return read_commands(text.encode(), kind)


def sides(found: Adoption) -> list[tuple[int, str, str]]:
    return [(one.line, one.draft.source, one.draft.dest) for one in found.proposals]


def notes(proposal: Proposal) -> str:
    return " ".join(proposal.left_out)


def test_a_crontab_gives_its_commands_with_what_is_lost() -> None:
    found = read(CRONTAB)
    assert found.kind == "crontab"
    assert sides(found) == [
        (3, "/home/anna/", "/mnt/usb/anna"),
        (4, "/srv/docs", "nas:docs"),
        (5, "/x.gz", "nas:/dumps%"),
    ]
    first, second, third = found.proposals
    assert (first.draft.name, first.draft.type, second.draft.type) == ("anna", "rsync", "rclone")
    assert "`--delete` deletes at the destination" in notes(first)
    assert "left out: `nice -n 19`" in notes(first)
    assert "It ran by itself (`30 2 * * 1-5`)" in notes(first)
    assert "`root`" in notes(second)
    assert "`rclone sync` deletes" in notes(second)
    assert "`&&`" in notes(third)
    assert found.unread == ()


def test_a_line_without_a_time_among_those_of_cron_is_a_proposal_too() -> None:
    found = read("MAILTO = anna\nRSYNC_RSH='ssh -p 22\n0 3 * * * rsync -a /a /b\n  rclone copy /c /d\nrsync --daemon\n")
    assert found.kind == "crontab"
    assert sides(found) == [(3, "/a", "/b"), (4, "/c", "/d")]
    assert "No time stands in front of it" in notes(found.proposals[1])
    assert [one.line for one in found.unread] == [5]


def test_units_give_theirs_with_their_time_and_user() -> None:
    found = read(UNITS)
    assert found.kind == "systemd"
    assert sides(found) == [(6, "/var/mail/", "/mnt/mail")]
    assert "It ran by itself (`*-*-* 02:00`)" in notes(found.proposals[0])
    assert "It ran as mail" in notes(found.proposals[0])
    assert "specifier" in notes(found.proposals[0])


def test_a_script_gives_its_commands_and_names_every_variable() -> None:
    found = read(SCRIPT)
    assert found.kind == "script"
    assert sides(found) == [
        (5, "$SRC/", "/mnt/copy"),
        (7, "/srv/$d", "/mnt/$d"),
        (9, "/etc", "/mnt/etc"),
        (13, "/photos/*.jpg", "/mnt/photos"),
    ]
    first, second, third, fourth = found.proposals
    assert first.draft.settings.exclude == ("$RECYCLE.BIN",)
    assert "`$SRC/` stands for something" in notes(first)
    assert "RECYCLE" not in notes(first)
    assert "`/mnt/$d` stands for something" in notes(second)
    assert "`sudo -u anna`" in notes(second)
    assert "`&&`" in notes(third)
    assert "`/photos/*.jpg` may stand for several names" in notes(fourth)


def test_a_password_in_front_is_not_repeated() -> None:
    [proposal] = read("RSYNC_PASSWORD=canary rsync -a h::m /b").proposals
    assert "canary" not in repr(proposal)
    assert "`RSYNC_PASSWORD=…`" in notes(proposal)


def test_a_language_in_front_is_no_loss() -> None:
    [proposal] = read("if LC_ALL=C.UTF-8 rsync -a /a /b; then true; fi").proposals
    assert proposal.left_out == ()


def test_what_names_a_tool_and_is_not_understood_is_said_with_its_line() -> None:
    found = read("find / -exec rsync -a {} /b ';'\nrsync --daemon\n\nrsync -a '/a /b\n", "script")
    assert found.proposals == ()
    assert [(one.line, one.reason.split(",")[0]) for one in found.unread] == [
        (1, "A tool is named here"),
        (2, "A tool is named here"),
        (4, "A quote or bracket that is opened here is never closed. What follows was not read."),
    ]


def test_jobs_of_another_installation_are_proposals_too() -> None:
    draft = JobDraft("Photos", "rsync", "/a", "/b", JobSettings(tags=("x",)))
    text = shared_jobs_text([draft]) + "- name: Bad\n"
    found = read(text)
    assert found.kind == "jobs"
    assert [one.draft for one in found.proposals] == [draft]
    assert "`type` is missing" in found.unread[0].reason or "is missing" in found.unread[0].reason


def test_jobs_from_one_folder_get_names_of_their_own() -> None:
    found = read("rsync -a /a/x /b\nrsync -a /a/x /c\nrsync -a h:/ /srv/d", "script")
    assert [one.draft.name for one in found.proposals] == ["x", "x 2", "d"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(CRONTAB, "crontab"), (UNITS, "systemd"), (SCRIPT, "script"), ("rsync -a /a /b", "script"), ("", "script"),
     ("jobs: []", "jobs"), ("backup_manager_job: 1", "jobs"), ("@reboot rsync -a /a /b", "crontab")],
)  # fmt: skip
def test_what_a_text_is_is_found_out(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_nothing_of_the_text_is_carried_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read('rsync -a $(touch owned) `touch owned` "$(touch owned)" /b; touch owned\n* * * * * touch owned')
    read("rsync -e 'sh -c \"touch owned\"' h:/a /b", "script")
    assert list(tmp_path.iterdir()) == []


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["rsync ", "-a ", "/a ", "'", '"', "$(", ")", "\n", "* * * * * ", "%", "sh -c ", "|"]))
    .map("".join)
)  # fmt: skip
def test_any_text_of_its_size_is_read(text: str) -> None:
    for kind in ("crontab", "systemd", "script"):
        found = read_commands(text.encode(errors="replace"), kind)
        assert found.kind == kind
        lines = [one.line for one in found.proposals] + [one.line for one in found.unread]
        assert all(1 <= line <= text.count("\n") + 1 for line in lines)


@pytest.mark.parametrize(
    ("content", "kind", "field"),
    [(b"\xff", "", "text"), (b"x", "makefile", "kind"), (b"rsync /a /b\n" * (LIMIT + 1), "script", "text"),
     (b"#" * (BYTES_LIMIT + 1), "script", "text"), (b"jobs: [", "", "text"), (b"", "jobs", "text")],
)  # fmt: skip
def test_what_will_not_do_is_refused_beside_its_field(content: bytes, kind: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_commands(content, kind)
    assert set(refused.value.fields) == {field}

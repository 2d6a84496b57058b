"""engines/remote_commands.py"""

import shlex

from engines.remote_commands import browser_lines, create_line, delete_line, dump, listing, obscure
from engines.remote_kinds import KINDS, kind_of, kinds

HOSTILE = 'a b\'; $(touch canary) `x` "y" --config=z'


def test_a_name_comes_behind_the_end_of_all_options() -> None:
    argv = listing("/usr/bin/rclone", "/x y/rclone.conf", "nas")
    assert argv[-3:] == ("lsd", "--", "nas:")
    assert argv[1] == "--config=/x y/rclone.conf"


def test_nothing_waits_for_an_answer_from_a_person() -> None:
    for argv in (dump("/r", "/c"), listing("/r", "/c", "nas")):
        assert "--ask-password=false" in argv


def test_a_secret_is_taken_from_the_input() -> None:
    assert obscure("/r")[-2:] == ("obscure", "-")


def test_the_line_for_a_person_is_quoted_and_holds_no_secret() -> None:
    kind = kind_of("webdav")
    assert kind is not None
    typed = {"url": "http://x/", "user": HOSTILE, "pass": "SECRET"}
    line = create_line("/x y/r.conf", kind, "nas", typed, {})
    assert "SECRET" not in line
    words = shlex.split(line.replace('pass="$(rclone obscure -)"', "PASS"))
    assert words == [
        "rclone", "--config", "/x y/r.conf", "config", "create", "nas", "webdav", "url=http://x/", "vendor=other",
        f"user={HOSTILE}", "PASS", "--no-obscure",
    ]  # fmt: skip


def test_the_line_for_a_change_updates() -> None:
    kind = kind_of("sftp")
    assert kind is not None
    line = create_line("/r.conf", kind, "nas", {"host": "x"}, {"known_hosts_file": "/k"}, is_new=False)
    assert line == "rclone --config /r.conf config update nas host=x known_hosts_file=/k"
    assert delete_line("/r.conf", "a b") == "rclone --config /r.conf config delete 'a b'"


def test_a_kind_with_a_browser_gives_the_lines_to_run() -> None:
    here, without, there = browser_lines("/r.conf", "mine", "drive")
    assert here == "rclone --config /r.conf config create mine drive"
    assert without == f"{here} config_is_local=false"
    assert there == "rclone authorize drive"


def test_an_old_rclone_is_not_offered_what_it_does_not_have() -> None:
    assert "smb" not in {kind.type for kind in kinds((1, 59, 2))}
    assert kinds((1, 60, 1)) == KINDS

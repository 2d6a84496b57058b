"""What rclone lists under the job's rules turned round."""

from engines.base import Context, LeftOut, Tool
from engines.registry import engine
from models.job import JobSettings
from tests import build

RCLONE, CONTEXT = engine("rclone"), Context(Tool("/usr/bin/rclone", (1, 60, 1)), config_file="/etc/rclone.conf")


def test_the_rules_are_turned_round_in_their_order() -> None:
    settings = JobSettings(include=("/keep/**", "folders/"), exclude=("*.tmp", "cache/"))
    step = RCLONE.catch_step(build.job(type="rclone", source="nas:photos", settings=settings), CONTEXT)
    argv = step.argv if step else ()
    rules = [word.removeprefix("--filter=") for word in argv if word.startswith("--filter=")]
    assert rules == ["- /keep/**", "+ *.tmp", "+ cache/**", "- **"]
    assert argv[-2:] == ("--", "nas:photos")
    assert "--config=/etc/rclone.conf" in argv


def test_every_line_is_a_file_that_is_left_out() -> None:
    said = "12|a.tmp\n-1|no size\n3|new␊line|x\n{not a line}\n5|cut".encode()
    found = RCLONE.catch(build.job(type="rclone"), said)
    assert found.looked_at is None
    assert found.left_out == (
        LeftOut(b"a.tmp", False, 12),
        LeftOut(b"no size", False, None),
        LeftOut(b"new\nline|x", False, 3),
    )

"""Versions of rclone and what is said about them."""

import pytest

from engines.base import Tool
from engines.rclone_versions import parse_version, tool_state


def test_versions_are_read() -> None:
    assert parse_version("rclone v1.60.1-DEV\n- os/version: debian 12.11 (64 bit)\n") == (1, 60, 1)
    assert parse_version("rclone v1.75.2\n- os/version: debian\n") == (1, 75, 2)
    assert parse_version("rclone v1.76.0-beta.8.abcdef\n") == (1, 76, 0)


@pytest.mark.parametrize("answer", ["", "rsync  version 3.2.7", "go/version: go1.19.8"])
def test_another_answer_is_refused(answer: str) -> None:
    with pytest.raises(ValueError, match="not the answer"):
        parse_version(answer)


@pytest.mark.parametrize(("version", "holes", "cut_off"), [((1, 60, 1), True, True), ((1, 63, 0), True, False),
    ((1, 74, 2), True, False), ((1, 74, 3), False, False), ((1, 75, 2), False, False)])  # fmt: skip
def test_old_versions_are_warned_about(version: tuple[int, int, int], holes: bool, cut_off: bool) -> None:
    state = tool_state(Tool("/usr/bin/rclone", version))
    assert (state.tool is not None, state.sentence) == (True, "")
    assert ("known security holes" in state.warning) is holes
    assert ("incomplete file" in state.warning) is cut_off


def test_a_version_that_is_too_old_is_said_to_be() -> None:
    assert "1.60.0 or newer is needed" in tool_state(Tool("/usr/bin/rclone", (1, 53, 3))).sentence


def test_a_missing_rclone_is_said_to_be() -> None:
    assert tool_state(None).sentence == "rclone is not installed on this machine."

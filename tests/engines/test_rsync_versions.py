"""What is read from `rsync --version` and said about it."""

import pytest

from engines.base import Tool
from engines.rsync_versions import parse_version, tool_state


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("rsync  version 3.5.0  protocol version 32\nCopyright", (3, 5, 0)),
        ("rsync  version v3.4.0pre1  protocol version 32", (3, 4, 0)),
        ("rsync  version 3.1.3  protocol version 31", (3, 1, 3)),
        ("warning: something\nrsync  version 3.2.7  protocol version 31", (3, 2, 7)),
        ("rsync version 3.1", (3, 1, 0)),
    ],
)
def test_the_version_is_found(output: str, version: tuple[int, int, int]) -> None:
    assert parse_version(output) == version


@pytest.mark.parametrize("output", ["", "openrsync: protocol version 29", "rsync: not found", "my rsync version 3.1.0"])
def test_another_programs_answer_is_refused(output: str) -> None:
    with pytest.raises(ValueError, match="not the answer"):
        parse_version(output)


def test_a_missing_tool_is_said() -> None:
    state = tool_state(None)
    assert (state.tool, state.sentence) == (None, "rsync is not installed on this machine.")


@pytest.mark.parametrize(
    ("version", "sentence", "warning"),
    [
        ((3, 0, 9), True, False),
        ((3, 1, 0), False, True),
        ((3, 4, 2), False, True),
        ((3, 4, 3), False, False),
        ((3, 5, 0), False, False),
    ],
)
def test_too_old_is_refused_and_known_holes_are_a_warning(
    version: tuple[int, int, int], sentence: bool, warning: bool
) -> None:
    state = tool_state(Tool("/usr/bin/rsync", version))
    assert (bool(state.sentence), bool(state.warning)) == (sentence, warning)

"""The quick way to read a block says what YAML says, or nothing."""

import random

import pytest

from models.job import JobSettings, SshAccess
from storage.file_problem import Unreadable
from storage.job_document import values_of_new
from storage.plain_block import NotPlain, read_plain_block
from storage.strict_yaml import read_yaml
from storage.yaml_scalars import dump_yaml
from tests import build

PLAIN = build.job(name="Photos 2", created_at="2026-11-21T03:34:41.543712")
FULL = PLAIN._replace(
    settings=JobSettings(
        bandwidth_limit=100, exclude=("*.tmp", "cache/", "a b"), tags=("home", "12"), ssh=SshAccess(22, "/keys/id"),
        enabled=False, stall_minutes=2.5,
    )
)  # fmt: skip
WORDS = (
    "no", "12:30", "012", "1e3", "~", "null", "a: b", "a #b", "#", "- x", "'", "''", '"x"', "[a]", "{a: b}", "&a", "*a",
    "!x", "|", ">", "%", "@x", "`", "a:", ":a", "a:b", "gdrive:", "rsync://nas/x", "x ", " x", "ü", "\\", "2026-11-21",
    "...", "---", ".5", "/", "a,b", "(x)", "=", "<<", "?", "? x", "-", "y", "a\tb", "\u2028", "\x85",
    "1_000", "0x1f", ".inf",
)  # fmt: skip


def block_of(values: object) -> str:
    return dump_yaml([values])


def outcome(block: str) -> object:
    try:
        return read_yaml(block)
    except Unreadable:
        return "refused"


def agrees(block: str) -> bool:
    """Whether the quick way read it; what it reads must be what YAML reads."""
    try:
        found = read_plain_block(block)
    except NotPlain:
        return False
    assert outcome(block) == [found], block
    return True


@pytest.mark.parametrize("job", [PLAIN, FULL])
def test_what_the_apps_write_is_read_the_quick_way(job: object) -> None:
    values = values_of_new(job)  # type: ignore[arg-type]
    values["settings"].pop("exclude", None)
    assert agrees(block_of(values))
    assert list(read_plain_block(block_of(values))) == list(values), "in the same order"


def test_no_word_in_any_place_is_read_otherwise_than_by_yaml() -> None:
    lines = block_of(values_of_new(FULL)).splitlines(keepends=True)
    quick = 0
    for number, line in enumerate(lines):
        for word in WORDS:
            head = line.partition(":")[0]
            for changed in (
                f"{head}: {word}\n",
                f"{head}:{word}\n",
                f"{line[:-1]}{word}\n",
                f"{line}{word}\n",
                f"{word}\n",
            ):
                quick += agrees("".join([*lines[:number], changed, *lines[number + 1 :]]))
    assert quick > 100


def test_no_garbled_block_is_read_otherwise_than_by_yaml() -> None:
    chance, text = random.Random(3), block_of(values_of_new(FULL))
    marks = [*" :-#'\"[]{},\n\t.~é", "\n  ", "\n    ", "- ", ": ", "  "]
    quick = 0
    for _ in range(4000):
        changed = text
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(changed))
            kept = changed[place + chance.randrange(3) :]
            changed = changed[:place] + chance.choice(marks) * chance.randrange(2) + kept
        quick += agrees(changed)
    assert quick > 400


@pytest.mark.parametrize(
    "block",
    [
        "",
        "\n",
        "id: x\n",
        "- x\n",
        "- id: x",
        "- id: x\n- id: y\n",
        "- id: x\n\n",
        "- id: x\n  id: y\n",
        "- id: x\n  no: 1\n",
    ],
)
def test_what_is_not_one_plain_map_is_left_to_yaml(block: str) -> None:
    with pytest.raises(NotPlain):
        read_plain_block(block)


def test_no_depth_is_read_that_yaml_refuses() -> None:
    quick = 0
    for depth in range(20, 45):
        deep = "- id: x\n" + "".join(f"{' ' * level}a:\n" for level in range(2, depth))
        for last in ("a: 1", "a: {}", "a: []", "- 1", "- {}"):
            quick += agrees(f"{deep}{' ' * depth}{last}\n")
        quick += agrees(f"{deep}{' ' * (depth - 1)}- {{}}\n")
    assert quick > 40


def test_what_is_huge_or_deep_is_left_to_yaml() -> None:
    with pytest.raises(NotPlain):
        read_plain_block("- id: x\n  tags:\n" + "  - a\n" * 20_000)
    with pytest.raises(NotPlain):
        read_plain_block("- id: x\n" + "".join(f"{'  ' * depth}a:\n" for depth in range(1, 60)))

"""YAML read strictly is what safe_load reads, without the traps."""

import pytest
import yaml
from hypothesis import given

from storage.file_problem import Unreadable
from storage.strict_yaml import read_yaml
from storage.yaml_scalars import Trap, dump_yaml
from tests.storage.test_yaml_blocks import JOBS, QUICK, dumped


@QUICK
@given(JOBS)
def test_it_reads_what_safe_dump_writes(jobs: list[dict[str, object]]) -> None:
    text = dumped({"jobs": jobs})
    found = read_yaml(text)
    assert dump_yaml(found) == text
    assert not _traps(found) or any(abs(number) >= 10**18 for number in _numbers(jobs))


def _traps(value: object) -> list[Trap]:
    if isinstance(value, dict):
        return [trap for item in value.items() for part in item for trap in _traps(part)]
    if isinstance(value, list):
        return [trap for item in value for trap in _traps(item)]
    return [value] if isinstance(value, Trap) else []


def _numbers(value: object) -> list[int]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    if isinstance(value, list):
        return [number for item in value for number in _numbers(item)]
    return [value] if isinstance(value, int) else []


@pytest.mark.parametrize(
    "text", ["012", "0x1f", "0b1", "1_000", "12:30", "1:2.5", "2026-11-21", "2026-11-21 03:34:41", ".inf", ".nan"]
)
def test_words_that_look_like_something_else_are_traps_and_stay_as_they_are(text: str) -> None:
    found = read_yaml(f"a: {text}\n")
    assert isinstance(found["a"], Trap)
    assert dump_yaml(found) == f"a: {text}\n"


@pytest.mark.parametrize(
    "text", ["a: 1", "a: -5", "a: 1.5", "a: ~", "a:", "a: no", "a: 'no'", "a: 1e3", "a: 1.e+3", '"a": "\\n"']
)
def test_plain_values_are_those_of_safe_load(text: str) -> None:
    assert read_yaml(text) == yaml.safe_load(text)


def test_anchors_and_merges_are_those_of_safe_load() -> None:
    text = "- &a {x: 1, y: 2}\n- &b {x: 5, z: 6}\n- {<<: *a, y: 3}\n- {<<: [*a, *b], w: 0}\n- *a\n"
    assert read_yaml(text) == yaml.safe_load(text)


def test_lines_are_known_by_path() -> None:
    lines: dict[tuple[str | int, ...], int] = {}
    read_yaml("a:\n- b: 1\n  c:\n    d: 2\n- e\n", lines)
    assert lines == {("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2, ("a", 0, "c"): 3, ("a", 0, "c", "d"): 4, ("a", 1): 5}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2\n", 2),
        ("a: !x 1\n", 1),
        ("{[a]: 1}\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("<<: 1\n", 1),
        ("a: b: c\n", 1),
        ("\n\t- a\n", 2),
    ],
)
def test_what_is_refused_is_named_by_line(text: str, line: int) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_yaml(text)
    assert refusal.value.line == line

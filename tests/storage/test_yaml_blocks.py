"""Any text taken apart is the same text put together, and a change of one block touches no other."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.block_segments import segments
from storage.yaml_blocks import Blocks, NotBlocks, split_blocks

QUICK = settings(deadline=None, max_examples=60)
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n\r\x85\u2028\u2029"), max_size=20)
LINES = st.sampled_from(
    [
        "jobs:",
        "jobs: []",
        "- id: a",
        "  - id: b",
        "  name: x",
        "# remark",
        "",
        "other: 1",
        "---",
        "\t",
        "-",
        "-x: 1",
        "    a: >",
        "    - b",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=100),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
JOBS = st.lists(
    st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), VALUES, min_size=1, max_size=4), max_size=5
)


def dumped(value: object) -> str:
    return str(yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=False))


@QUICK
@given(st.lists(LINES | WORDS, max_size=12), st.booleans())
def test_the_pieces_are_the_text_byte_for_byte(lines: list[str], ends_whole: bool) -> None:
    text = "\n".join(lines) + "\n" * ends_whole
    for with_tail in (True, False):
        try:
            blocks = split_blocks(text, with_tail)
        except NotBlocks:
            continue
        assert blocks.text == text
        assert all(block.lstrip(" ").startswith("-") for block in blocks.blocks)


@QUICK
@given(JOBS)
def test_what_safe_dump_writes_has_a_block_per_job(jobs: list[dict[str, object]]) -> None:
    blocks = split_blocks(dumped({"jobs": jobs}))
    assert [yaml.safe_load(block)[0] for block in blocks.blocks] == jobs
    assert (blocks.tail, blocks.indent) == ("", 0)


@QUICK
@given(JOBS.filter(len), st.data())
def test_removing_and_adding_leave_the_others(jobs: list[dict[str, object]], choice: st.DataObject) -> None:
    blocks = split_blocks(dumped({"jobs": jobs, "more": 1}))
    index = choice.draw(st.integers(0, len(jobs) - 1))
    removed = blocks.removed(index)
    assert yaml.safe_load(removed.text) == {"jobs": jobs[:index] + jobs[index + 1 :], "more": 1}
    again = split_blocks(removed.text).appended(dumped([jobs[index]]))
    assert yaml.safe_load(again.text)["jobs"] == [*jobs[:index], *jobs[index + 1 :], jobs[index]]
    assert again.appended(*map(dumped, ([job] for job in jobs))).blocks[-len(jobs) :] == blocks.blocks
    assert again.appended() == again


@QUICK
@given(JOBS.filter(len))
def test_a_block_taken_apart_by_keys_is_the_same_block(jobs: list[dict[str, object]]) -> None:
    for block in split_blocks(dumped({"jobs": jobs})).blocks:
        try:
            parts = segments(block)
        except NotBlocks:
            continue
        assert parts.text == block
        assert list(parts.keys) == list(yaml.safe_load(block)[0])


@QUICK
@given(JOBS.filter(len), VALUES)
def test_replacing_a_key_leaves_the_others(jobs: list[dict[str, object]], value: object) -> None:
    for block in split_blocks(dumped({"jobs": jobs})).blocks:
        before = yaml.safe_load(block)[0]
        try:
            parts = segments(block)
        except NotBlocks:
            continue
        for key in [*parts.keys, "quite_new"]:
            after = yaml.safe_load(parts.replaced(key, dumped({key: value})).text)[0]
            assert after == before | {key: value}


@pytest.mark.parametrize(
    "text", ["", "jobs:\n", "jobs: {}\n", "jobs: null\n", "[]\n", "jobs:\n  a: 1\n", "jobs:\n\t- a\n"]
)
def test_other_shapes_are_no_blocks(text: str) -> None:
    with pytest.raises(NotBlocks):
        split_blocks(text)


def test_lines_are_counted_from_one() -> None:
    blocks = split_blocks("# a\njobs:\n\n- id: a\n  name: b\n- id: c\ntail: 1\n")
    assert [blocks.line_of(index) for index in range(3)] == [4, 6, 7]
    assert isinstance(blocks, Blocks)

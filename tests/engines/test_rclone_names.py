"""Names there and back in rclone's spelling, and the lists made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.rclone_names import exact_list, filter_list, from_rclone, shown, to_rclone

# As `lsf` of 1.60.1 and 1.75.2 prints them.
SPELT = [
    (b"plain", "plain"),
    (b"new\nline", "new␊line"),
    (b"return\r", "return␍"),
    (b"\x01ctl", "␁ctl"),
    (b"\x7f", "␡"),
    ("␁lit".encode(), "‛␁lit"),
    ("␊".encode(), "‛␊"),
    ("x␡".encode(), "x‛␡"),
    ("␀nul".encode(), "␀nul"),
    ("／sl".encode(), "／sl"),
    ("．".encode(), "．"),
    (b"a/b\nc", "a/b␊c"),
]


@pytest.mark.parametrize(("name", "spelt"), SPELT, ids=ascii)
def test_a_name_is_spelt_as_rclone_prints_it(name: bytes, spelt: str) -> None:
    assert to_rclone(name).decode() == spelt
    assert from_rclone(spelt.encode()) == name


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    assert to_rclone(b"bad\xff\xfe") == b"bad\xff\xfe"
    assert from_rclone(b"bad\xff\xfe") == b"bad\xff\xfe"


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_every_name_comes_back_as_it_was_and_never_breaks_a_line(name: bytes) -> None:
    spelt = to_rclone(name)
    assert from_rclone(spelt) == name
    assert not set(spelt) & set(range(32))


def test_a_shown_name_has_its_control_characters_visible() -> None:
    assert shown("new␊line") == "new\\nline"
    assert shown("a‛␊b") == "a␊b"


def test_a_list_of_files_has_a_line_for_each_and_reads_nothing_into_them() -> None:
    names = [b"# hash", b" lead ", b"new\nline", b"*"]
    assert b"".join(exact_list(names)) == "# hash\n lead \nnew␊line\n*\n".encode()


def test_a_filter_lets_in_exactly_the_names_and_what_folders_hold() -> None:
    assert b"".join(filter_list([b"a b", b"x[1]*{y}\\?"])).decode().split("\n") == [
        "+ /a b",
        "+ /a b/**",
        "+ /x\\[1\\]\\*\\{y\\}\\\\\\?",
        "+ /x\\[1\\]\\*\\{y\\}\\\\\\?/**",
        "- **",
        "",
    ]


def test_a_space_at_the_end_and_foreign_bytes_survive_in_a_filter() -> None:
    assert next(iter(filter_list([b"trail "]))) == b"+ /trail[ ]\n"
    assert next(iter(filter_list([b"bad\xff"]))) == "+ /bad\ufffd\n".encode()


def test_an_empty_choice_lets_in_nothing() -> None:
    assert list(filter_list([])) == [b"- **\n"]
    assert list(exact_list([])) == []

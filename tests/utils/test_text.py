"""Text from outside made harmless, without lying."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from utils.text import HOSTILE, plural, shortened, visible, visible_name, without_password


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – ü 🎉", "plain – ü 🎉"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x85\x9b", "\\x85\\x9b"),
        ("\u202eltr\u2028", "\\u202eltr\\u2028"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
    ],
)
def test_control_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(some.text())
def test_nothing_hostile_remains(text: str) -> None:
    shown = visible(text)
    assert HOSTILE.search(shown) is None
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(some.binary())
def test_any_name_can_be_shown(name: bytes) -> None:
    assert HOSTILE.search(visible_name(name)) is None


def test_a_text_is_shortened_to_so_many_characters_and_says_so() -> None:
    assert [shortened(text, 3) for text in ("", "abc", "abcd")] == ["", "abc", "ab…"]


def test_plural() -> None:
    assert [plural(count, "file") for count in (0, 1, 18_204)] == ["0 files", "1 file", "18,204 files"]
    assert plural(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("rsync://anna:se@cret@nas/data", "rsync://anna:***@nas/data"),
        ("https://:secret@nas/dav", "https://:***@nas/dav"),
        (":webdav,url='http://x',pass=secret:photos", ":webdav,url=***"),
        ("nas,bearer_token=secret:photos", "nas,bearer_token=***"),
    ],
)
def test_a_password_in_a_place_is_concealed(place: str, shown: str) -> None:
    assert without_password(place) == shown


@pytest.mark.parametrize(
    "place",
    [
        "/srv/a:b@c/x",
        "/srv/a,b=c",
        "anna@nas:/srv/x",
        "rsync://anna@nas:873/data/a:b@c",
        "nas:photos/a,b=c",
        "nas::m/a:b@c",
    ],
)
def test_a_place_without_a_password_stays_as_it_is(place: str) -> None:
    assert without_password(place) == place

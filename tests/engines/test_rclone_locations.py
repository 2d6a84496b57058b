"""What may stand in source and destination of an rclone job, and what it is taken for."""

import pytest

from engines.base import Location
from engines.locations import InvalidLocation
from engines.rclone_locations import as_argument, parse_location

GOOD = [
    ("/srv/photos", Location("/srv/photos")),
    ("/a:b", Location("/a:b")),
    ("/-rf", Location("/-rf")),
    ("/$(id) `id` \"'", Location("/$(id) `id` \"'")),
    ("nas:", Location("", "nas", "", "remote")),
    ("nas:Photos", Location("Photos", "nas", "", "remote")),
    ("my nas:/srv/a b", Location("/srv/a b", "my nas", "", "remote")),
    ("a.b-c_d:x:y", Location("x:y", "a.b-c_d", "", "remote")),
    ("nas:-x", Location("-x", "nas", "", "remote")),
    (":local:/srv/photos", Location("/srv/photos")),
    (":local:/", Location("/")),
]
BAD = [
    ("", "Enter a folder"),
    ("photos", "A folder on this machine starts with /"),
    ("./photos", "A folder on this machine starts with /"),
    ("~/photos", "not with ~"),
    ("-nas:x", "starts with a dash"),
    ("--config=/tmp/x:y", "starts with a dash"),
    (":webdav,url=http://x:", "Only remotes from rclone's configuration"),
    (":webdav:x", "Only remotes from rclone's configuration"),
    (":local,copy_links:/srv", "Only remotes from rclone's configuration"),
    (":local:srv", "Only remotes from rclone's configuration"),
    (":/x", "Only remotes from rclone's configuration"),
    ("nas,url=http://x:y", "Settings of a remote cannot be written here"),
    ("nas,bearer_token_command=id:", "Settings of a remote cannot be written here"),
    ("n/as:x", "plain letters"),
    ("nas :x", "plain letters"),
    (" nas:x", "plain letters"),
    ("na{s}:x", "plain letters"),
    ("nas:x\ny", "cannot be shown (U+000A)"),
    ("/a\x00", "cannot be shown (U+0000)"),
    ("/a␊b", "as another character"),
    ("nas:a‛b", "as another character"),
    ("nas:../x", "without “..”"),
    ("/a/../b", "without “..”"),
    (":local:/../etc", "without “..”"),
    ("/" + "x" * 256, "too long"),
    ("nas:" + "x/" * 3000, "too long"),
]


@pytest.mark.parametrize(("text", "location"), GOOD, ids=lambda part: ascii(part)[:30])
def test_a_location_is_taken_apart(text: str, location: Location) -> None:
    assert parse_location(text) == location


@pytest.mark.parametrize(("text", "words"), BAD, ids=lambda part: ascii(part)[:30])
def test_what_is_no_location_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidLocation) as refusal:
        parse_location(text)
    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("text", [text for text, _ in GOOD if not text.startswith(":")])
def test_a_location_becomes_the_argument_that_was_typed(text: str) -> None:
    assert as_argument(parse_location(text)) == text


def test_the_legacy_spelling_of_a_folder_becomes_the_plain_folder() -> None:
    assert as_argument(parse_location(":local:/srv/photos")) == "/srv/photos"

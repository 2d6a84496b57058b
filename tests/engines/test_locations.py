"""What may stand in source and destination, and what it is taken for."""

import pytest

from engines.base import Location
from engines.locations import InvalidLocation, is_inside, normal_path, parse_location

GOOD = [
    ("/srv/photos", Location("/srv/photos")),
    ("/srv/photos/", Location("/srv/photos/")),
    ("/ leading and trailing ", Location("/ leading and trailing ")),
    ("/a:b", Location("/a:b")),
    ("/host::module", Location("/host::module")),
    ("/-rf", Location("/-rf")),
    ("/$(id) `id` \"'", Location("/$(id) `id` \"'")),
    ("/[2]*?\\", Location("/[2]*?\\")),
    ("nas:/srv", Location("/srv", "nas", "", "ssh")),
    ("anna@nas.example.org:/srv/a b", Location("/srv/a b", "nas.example.org", "anna", "ssh")),
    ("nas:/a:b::c", Location("/a:b::c", "nas", "", "ssh")),
    ("anna@[::1]:/srv", Location("/srv", "::1", "anna", "ssh")),
    ("[fe80::1]:/srv", Location("/srv", "fe80::1", "", "ssh")),
    ("nas::data", Location("data", "nas", "", "daemon")),
    ("anna@nas::data/a b/$(id)", Location("data/a b/$(id)", "nas", "anna", "daemon")),
    ("[::1]::data/x", Location("data/x", "::1", "", "daemon")),
    ("rsync://nas/data", Location("data", "nas", "", "daemon")),
    ("rsync://anna@nas:8730/data/x", Location("data/x", "nas", "anna", "daemon", 8730)),
    ("rsync://[::1]:8730/data/x", Location("data/x", "::1", "", "daemon", 8730)),
]

BAD = [
    ("", "Enter a folder"),
    ("   ", "Enter a folder"),
    ("photos", "starts with /"),
    ("./photos", "starts with /"),
    ("../photos", "starts with /"),
    (" /photos", "starts with /"),
    ("~/photos", "not with ~"),
    ("~anna/photos", "not with ~"),
    ("-e sh", "starts with a dash"),
    ("--rsh=x", "starts with a dash"),
    ("-host:/x", "starts with a dash"),
    ("host:", "the whole path on the other host"),
    ("anna@host:", "the whole path on the other host"),
    ("host::", "Add the daemon's module"),
    ("host::/x", "user@host:/path or host::module"),
    (":/x", "user@host:/path or host::module"),
    ("::x", "user@host:/path or host::module"),
    ("a b:/x", "plain host name"),
    ("-l@host:/x", "starts with a dash"),
    ("anna@-host:/x", "plain host name"),
    ("ho$t:/x", "plain host name"),
    ("ho;st:/x", "plain host name"),
    ("a@b@c:/x", "plain host name"),
    ("[::1:/x", "plain host name"),
    ("[::g]:/x", "plain host name"),
    ("host:dir", "host:/srv/backup"),
    ("anna@host:dir/x", "anna@host:/srv/backup"),
    ("host:~/x", "the whole path on the other host"),
    ("host:-x", "the whole path on the other host"),
    ("host:--log-file=/x", "the whole path on the other host"),
    ("host:/a\\[b", "Rename the folder"),
    ("host:/a\\", "Rename the folder"),
    ("rsync://", "rsync://host/module"),
    ("rsync://anna:secret@host/m", "Leave the password out"),
    ("rsync://anna:@host:873/m", "Leave the password out"),
    ("https://anna:secret@host/dav", "Leave the password out"),
    ("nas://anna:se@cret@host/dav", "Leave the password out"),
    ("https://host/dav", "does not read such an address"),
    ("SSH://host/srv", "does not read such an address"),
    ("rsync://host", "rsync://host/module"),
    ("rsync://host/", "rsync://host/module"),
    ("rsync://host:99999/m", "1 to 65535"),
    ("rsync://host:0/m", "1 to 65535"),
    ("rsync://-host/m", "rsync://host/module"),
    ("/a\nb", "U+000A"),
    ("/a\rb", "U+000D"),
    ("/a\x00b", "U+0000"),
    ("/a\x1bb", "U+001B"),
    ("/a\x9bb", "U+009B"),
    ("/a\u202eb", "U+202E"),
    ("/a\u2028b", "U+2028"),
    ("/a\udcffb", "U+DCFF"),
    ("host:/a\nb", "U+000A"),
    ("/" + "a/" * 2048, "4,095 bytes"),
    ("/" + "é" * 128, "255 bytes"),
    ("host:/" + "a/" * 2048, "4,095 bytes"),
    ("x" * 10_000, "starts with /"),
]


@pytest.mark.parametrize(("text", "location"), GOOD)
def test_a_good_location_is_taken_apart(text: str, location: Location) -> None:
    assert parse_location(text) == location


@pytest.mark.parametrize(("text", "words"), BAD)
def test_a_bad_location_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(InvalidLocation) as refusal:
        parse_location(text)
    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("path", "normal"),
    [("/a/", "/a"), ("//a//b", "/a/b"), ("/a/./b/..", "/a"), ("/", "/"), ("/../a", "/a")],
)
def test_paths_are_compared_in_their_normal_form(path: str, normal: str) -> None:
    assert normal_path(path) == normal


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [
        ("/a/b", "/a", True),
        ("/a", "/a/", True),
        ("/ab", "/a", False),
        ("/a", "/a/b", False),
        ("/a", "/", True),
        ("/a/../b", "/a", False),
    ],
)
def test_inside_means_below_or_equal(path: str, folder: str, inside: bool) -> None:
    assert is_inside(path, folder) is inside

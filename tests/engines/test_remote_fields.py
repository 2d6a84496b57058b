"""engines/remote_fields.py"""

from typing import Any

import pytest

from engines.remote_fields import field_problems, is_usable, name_problem, remote_in, section_of
from engines.remote_kinds import KINDS, RemoteKind, kind_of

GOOD: dict[str, dict[str, str]] = {
    "sftp": {"host": "nas.lan", "port": "2022", "user": "anna", "pass": "x", "key_file": "/home/anna/.ssh/id"},
    "webdav": {"url": "https://cloud.lan:8443/dav/a%20b/", "vendor": "nextcloud", "user": "anna", "pass": "x"},
    "smb": {"host": "[fd00::7]", "user": "anna", "pass": "x", "domain": "HOME"},
    "s3": {"provider": "Minio", "access_key_id": "AK", "secret_access_key": "x", "endpoint": "s3.lan:9000"},
    "local": {},
    "crypt": {"remote": "nas:backup/secret", "password": "x", "filename_encryption": "standard"},
}
HOSTILE = [
    "a\nb", "a\rb", "a\x00b", "x\n[evil]\ntype = local", "a\u2028b", "a\u202eb", "\x1b[31m", "\ud800", "x" * 1001,
]  # fmt: skip


def kind(name: str) -> RemoteKind:
    found = kind_of(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", GOOD)
def test_good_values_have_no_problem(name: str) -> None:
    assert field_problems(kind(name), GOOD[name], ("nas",), ()) == {}


def test_every_kind_is_tried_here() -> None:
    assert {found.type for found in KINDS} == set(GOOD)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_any_kind_takes_a_line_break_or_a_hidden_character(text: str) -> None:
    for found in KINDS:
        for field in found.fields:
            typed = GOOD[found.type] | {field.key: text}
            assert field.key in field_problems(found, typed, ("nas",), ()), (found.type, field.key)


@pytest.mark.parametrize(
    ("name", "key", "text"),
    [
        ("sftp", "host", "-oProxyCommand=x"),
        ("sftp", "host", "nas.lan/x"),
        ("sftp", "host", "anna@nas"),
        ("sftp", "host", "a b"),
        ("sftp", "port", "0"),
        ("sftp", "port", "65536"),
        ("sftp", "port", "٣"),
        ("sftp", "port", "22 -x"),
        ("sftp", "key_file", "id_rsa"),
        ("webdav", "url", "ftp://x"),
        ("webdav", "url", "file:///etc/passwd"),
        ("webdav", "url", "javascript:alert(1)"),
        ("webdav", "url", "https://"),
        ("webdav", "url", "https://anna:secret@x/"),
        ("webdav", "url", "https://x/?token=1"),
        ("webdav", "url", "https://x:99999/"),
        ("webdav", "url", "https://[x/"),
        ("webdav", "url", "https://x/a b"),
        ("webdav", "vendor", "evil"),
        ("s3", "endpoint", "ftp://x"),
        ("s3", "provider", "../x"),
        ("crypt", "remote", "gone:x"),
        ("crypt", "remote", ":local:/etc"),
        ("crypt", "remote", "nas,pass=x:y"),
        ("crypt", "remote", "relative/path"),
        ("crypt", "remote", "-nas:x"),
    ],
)
def test_a_value_that_means_something_else_is_refused_beside_its_field(name: str, key: str, text: str) -> None:
    assert set(field_problems(kind(name), GOOD[name] | {key: text}, ("nas",), ())) == {key}


def test_what_is_needed_is_asked_for_unless_it_is_stored() -> None:
    s3 = kind("s3")
    assert set(field_problems(s3, {}, (), ())) == {"access_key_id", "secret_access_key"}
    assert set(field_problems(s3, {}, (), ("secret_access_key",))) == {"access_key_id"}


@pytest.mark.parametrize("name", ["nas", "N.A_s-2", "7", "_x"])
def test_a_plain_name_can_be_given(name: str) -> None:
    assert name_problem(name, ("other",)) == ""


@pytest.mark.parametrize(
    "name",
    ["", "-nas", ".", "..", "a b", "a]b", "[a", "a=b", "a:b", "a,b", "a/b", "a\nb", "DEFAULT", "default", "ä", "a" * 64,
     ":local", "#a", ";a", "taken"],
)  # fmt: skip
def test_a_name_that_could_mean_something_else_is_refused(name: str) -> None:
    assert name_problem(name, ("taken",))


@pytest.mark.parametrize(
    ("name", "usable"),
    [("a b", True), ("ä", True), ("-a", False), (" a", False), ("..", False), ("a,b", False), ("a:b", False)],
)
def test_names_that_others_gave_are_usable_where_rclone_takes_them(name: str, usable: bool) -> None:
    assert is_usable(name) is usable


@pytest.mark.parametrize(
    ("place", "name"), [("nas:x", "nas"), ("nas:", "nas"), ("/a:b", ""), (":local:/x", ""), ("a,b=c:x", ""), ("x", "")]
)
def test_only_a_plain_name_before_the_colon_is_a_remote(place: str, name: str) -> None:
    assert remote_in(place) == name


def test_a_section_holds_what_was_typed_and_secrets_only_as_they_are_written() -> None:
    typed: dict[str, Any] = {"host": " nas.lan ", "port": "", "pass": "typed", "forget_pass": "1"}
    section = section_of(kind("sftp"), typed, {"pass": "HIDDEN"}, {"known_hosts_file": "/k"})
    assert section == {
        "type": "sftp", "host": "nas.lan", "port": None, "user": None, "pass": "HIDDEN", "key_file": None,
        "known_hosts_file": "/k",
    }  # fmt: skip


def test_a_secret_that_was_not_typed_stays_until_it_is_to_be_forgotten() -> None:
    assert "pass" not in section_of(kind("sftp"), {"host": "x"}, {}, {})
    assert section_of(kind("sftp"), {"host": "x", "forget_pass": "1"}, {}, {})["pass"] is None

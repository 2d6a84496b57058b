"""engines/remote_words.py"""

import pytest

from engines.remote_kinds import kind_of
from engines.remote_words import built_on, described, is_empty_wrapper, shown, trouble, unreadable, warning


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (
            {"type": "sftp", "host": "nas.lan", "user": "anna", "port": "2022", "pass": "S"},
            "anna at nas.lan, port 2022",
        ),
        ({"type": "webdav", "url": "https://anna:SECRET@x:8443/dav?token=SECRET#S"}, "https://x:8443/dav"),
        ({"type": "webdav", "url": "SECRET@x"}, ""),
        ({"type": "s3", "provider": "Minio", "endpoint": "s3.lan", "secret_access_key": "SECRET"}, "Minio, s3.lan"),
        ({"type": "crypt", "remote": "nas:x", "password": "SECRET"}, "over nas:x"),
        ({"type": "crypt", "remote": ":webdav,pass=SECRET:x"}, ""),
        ({"type": "local"}, "Folders of this machine"),
        ({"type": "drive", "token": "SECRET", "client_secret": "SECRET"}, ""),
        ({}, ""),
    ],
)
def test_a_description_is_harmless(section: dict[str, str], words: str) -> None:
    assert described(section) == words


# What rclone 1.60.1 and 1.75.2 printed.
SAID = {
    "Failed to lsd with 2 errors: last error was: couldn't list files: Unauthorized: 401 Unauthorized": "refused",
    "couldn't connect SSH: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none]": "refused",
    "couldn't connect SSH: ssh: handshake failed: knownhosts: key is unknown": "host_key_unknown",
    "couldn't parse known_hosts_file: open /x/known_hosts: no such file or directory": "host_key_unknown",
    "ssh: handshake failed: knownhosts: key mismatch": "host_key_differs",
    'Propfind "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused': "unreachable",
    "dial tcp: lookup nowhere.invalid on 10.0.0.1:53: no such host": "name_unknown",
    'Propfind "https://127.0.0.1/": http: server gave HTTP response to HTTPS client': "no_encryption",
    "x509: certificate signed by unknown authority": "certificate",
    "ERROR : : error listing: directory not found": "not_found",
    "dial tcp 10.255.255.1:80: i/o timeout": "unreachable",
    "input too short when revealing password - is it obscured?": "not_obscured",
    'failed to make remote "gone:c" to wrap: didn\'t find section in config file': "base_missing",
    'didn\'t find backend called "nosuch"': "kind_unknown",
    'oauth2: "invalid_grant" "Token has been expired or revoked."': "sign_in_expired",
}


@pytest.mark.parametrize(("said", "code"), SAID.items(), ids=list(SAID.values()))
def test_what_rclone_prints_becomes_words(said: str, code: str) -> None:
    found = trouble("nas", {}, f"2026/11/21 11:33:57 ERROR : {said}\n")
    assert found.code == code
    assert found.sentence.endswith((".", ":"))


@pytest.mark.parametrize(
    ("type_name", "key", "value", "seen"),
    [
        ("webdav", "url", "https://anna:SECRET@x/dav", "https://x/dav"),
        ("s3", "endpoint", "SECRET@x", ""),
        ("crypt", "remote", ":webdav,pass=SECRET:x", ""),
        ("crypt", "remote", "nas:x", "nas:x"),
        ("crypt", "password", "SECRET", ""),
        ("webdav", "user", "anna", "anna"),
    ],
)
def test_a_form_shows_no_secret_that_stands_where_none_belongs(type_name: str, key: str, value: str, seen: str) -> None:
    kind = kind_of(type_name)
    assert kind is not None
    assert [shown(field, value) for field in kind.fields if field.key == key] == [seen]


def test_an_unknown_message_is_shown_without_its_secrets() -> None:
    section = {"type": "s3", "access_key_id": "AKIAEXAMPLE", "secret_access_key": "very/secret", "region": "eu"}
    said = "2026/11/21 11:33:57 Failed to x: AKIAEXAMPLE very/secret in eu \x1b[31m\n"
    assert trouble("nas", section, said).sentence == "rclone said: Failed to x: … … in eu \\x1b[31m"


def test_silence_is_said_too() -> None:
    assert trouble("nas", {}, "\n").sentence == "rclone ended without saying why."


def test_a_broken_file_is_described_without_its_lines() -> None:
    assert "SECRET" not in unreadable("Failed to load config file: could not parse line: pass SECRET")
    assert unreadable('Failed to load config file "/x": permission denied').endswith("permission denied")


def test_a_wrapper_names_what_it_is_built_on() -> None:
    assert built_on({"type": "crypt", "remote": "nas:x"}) == {"nas"}
    assert built_on({"type": "union", "upstreams": "a:x /tmp b:"}) == {"a", "b"}
    assert built_on({"type": "combine", "upstreams": "dir=a:x other=b:"}) == {"a", "b"}
    assert built_on({"type": "local"}) == frozenset()


def test_only_a_wrapper_may_wait_for_its_folder() -> None:
    found = trouble("x", {}, "directory not found")
    assert is_empty_wrapper({"type": "crypt"}, found)
    assert not is_empty_wrapper({"type": "webdav"}, found)


def test_an_ssh_host_whose_key_nobody_checks_is_pointed_out() -> None:
    assert warning({"type": "sftp", "host": "nas"})
    assert not warning({"type": "sftp", "host": "nas", "known_hosts_file": "/x"})

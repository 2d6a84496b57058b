"""The hosts that were accepted here: listed with their fingerprints, forgotten one by one."""

from pathlib import Path

import pytest

from core.host_keys import HostKeys
from core.known_hosts import HostNotFound, KnownHosts
from tests.samples.servers import Servers

BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIH6G5nJ0mJ7wH1h1m3cRk7pQ9l3y8Jm2o4b0fQWmYk1P"
LINES = f"""# a comment
[nas.lan]:2222 ssh-ed25519 {BLOB} accepted:2026-11-20T07:02:04.123Z
192.168.1.20 ssh-ed25519 {BLOB}
nas.lan ssh-ed25519 {BLOB} mine
nas.lan ssh-rsa {BLOB} accepted:2026-11-21T07:02:04.123Z accepted:nonsense
|1|abc=|def= ssh-ed25519 {BLOB}
@revoked bad.lan ssh-ed25519 {BLOB}
odd.lan ssh-dss not-base64
short
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "known_hosts"
    path.write_text(LINES)
    return path


def test_hosts_are_listed_with_port_fingerprints_and_moment(file: Path) -> None:
    hosts = {host.name: host for host in KnownHosts(file).all()}
    assert list(hosts) == sorted(["[nas.lan]:2222", "192.168.1.20", "nas.lan", "odd.lan", "|1|abc=|def="])
    other = hosts["[nas.lan]:2222"]
    assert (other.host, other.port, other.accepted_at) == ("nas.lan", 2222, "2026-11-20T07:02:04.123Z")
    assert (hosts["192.168.1.20"].accepted_at, hosts["192.168.1.20"].port) == ("", 22)
    nas = hosts["nas.lan"]
    assert [shown.split(" ")[1] for shown in nas.fingerprints] == ["(ED25519)", "(RSA)"]
    assert nas.accepted_at == "2026-11-21T07:02:04.123Z"
    assert hosts["odd.lan"].fingerprints == ("not a key",)
    assert hosts["|1|abc=|def="].host == ""


def test_forgetting_a_host_leaves_every_other_line(file: Path) -> None:
    KnownHosts(file).remove("nas.lan")
    expected = [line for line in LINES.splitlines() if not line.startswith("nas.lan ")]
    assert file.read_text().splitlines() == expected
    with pytest.raises(HostNotFound):
        KnownHosts(file).remove("nas.lan")


def test_a_last_line_without_its_newline_and_a_comment_of_any_bytes_outlive_a_change(file: Path) -> None:
    comment, last = b"# caf\xe9 \x85 \xff", f"other.lan ssh-ed25519 {BLOB}".encode()
    file.write_bytes(b"\n".join([comment, f"nas.lan ssh-ed25519 {BLOB}".encode(), last]))
    assert [host.name for host in KnownHosts(file).all()] == ["nas.lan", "other.lan"]
    KnownHosts(file).remove("nas.lan")
    assert file.read_bytes() == b"\n".join([comment, last, b""])


def test_a_file_that_is_not_there_knows_nobody(tmp_path: Path) -> None:
    hosts = KnownHosts(tmp_path / "known_hosts")
    assert hosts.all() == ()
    with pytest.raises(HostNotFound):
        hosts.get("nas.lan")


def test_a_host_that_was_accepted_is_known_with_its_moment_until_it_is_forgotten(tmp_path: Path) -> None:
    servers = Servers(tmp_path / "host")
    servers.folder.mkdir()
    servers.start_ssh()
    try:
        keys, hosts = HostKeys(tmp_path / "known_hosts"), KnownHosts(tmp_path / "known_hosts")
        shown = keys.scan("127.0.0.1", servers.ssh_port)
        (tmp_path / "known_hosts").write_bytes(b"# caf\xe9 \x85\n")
        keys.accept("127.0.0.1", servers.ssh_port, shown.fingerprints)
        assert (tmp_path / "known_hosts").read_bytes().startswith(b"# caf\xe9 \x85\n[127.0.0.1]")
        (host,) = hosts.all()
        assert (host.host, host.port, host.fingerprints) == ("127.0.0.1", servers.ssh_port, shown.fingerprints)
        assert host.accepted_at
        assert keys.known("127.0.0.1", servers.ssh_port)
        hosts.remove(host.name)
        assert not keys.known("127.0.0.1", servers.ssh_port)
    finally:
        servers.stop()

"""Keys of hosts are accepted only as a person confirmed them; a real ssh server shows them."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.host_keys import HostKeyDiffers, HostKeys, HostUnreachable
from tests.samples.servers import Servers, free_port
from utils.clock import SystemClock, parse_utc

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(tmp_path_factory.mktemp("ssh server"))
    servers.start_ssh()
    yield servers
    servers.stop()


@pytest.fixture
def keys(tmp_path: Path) -> HostKeys:
    return HostKeys(tmp_path / "known_hosts")


def fingerprint(public_key: Path) -> str:
    answer = subprocess.run(["ssh-keygen", "-l", "-f", public_key], capture_output=True, text=True, check=True)
    return answer.stdout.split()[1]


def test_a_scan_shows_the_fingerprint_that_the_host_itself_prints(server: Servers, keys: HostKeys) -> None:
    shown = keys.scan(HOST, server.ssh_port)
    assert (shown.host, shown.port) == (HOST, server.ssh_port)
    assert shown.fingerprints == (f"{fingerprint(server.folder / 'host_key.pub')} (ED25519)",)


def test_a_scan_accepts_nothing(server: Servers, keys: HostKeys, tmp_path: Path) -> None:
    keys.scan(HOST, server.ssh_port)
    assert not keys.known(HOST, server.ssh_port)
    assert not (tmp_path / "known_hosts").exists()


def test_an_accepted_key_is_known_and_lets_ssh_in(server: Servers, keys: HostKeys, tmp_path: Path) -> None:
    keys.accept(HOST, server.ssh_port, keys.scan(HOST, server.ssh_port).fingerprints)
    assert keys.known(HOST, server.ssh_port)
    assert not keys.known(HOST, server.ssh_port + 1)
    assert not keys.known("another.invalid", server.ssh_port)
    file = tmp_path / "known_hosts"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    options = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={file}"]
    ssh = ["ssh", *options, "-o", "IdentitiesOnly=yes", "-i", str(server.key), "-p", str(server.ssh_port), HOST, "true"]
    assert subprocess.run(ssh, stdin=subprocess.DEVNULL, check=False).returncode == 0


def test_other_fingerprints_are_refused_and_nothing_is_stored(server: Servers, keys: HostKeys, tmp_path: Path) -> None:
    real = keys.scan(HOST, server.ssh_port).fingerprints
    for confirmed in ((), ("SHA256:another (ED25519)",), (*real, "SHA256:another (ED25519)")):
        with pytest.raises(HostKeyDiffers, match="Nothing was accepted"):
            keys.accept(HOST, server.ssh_port, confirmed)
    assert not (tmp_path / "known_hosts").exists()


def test_accepting_again_replaces_this_host_and_keeps_the_others(
    server: Servers, keys: HostKeys, tmp_path: Path
) -> None:
    file = tmp_path / "known_hosts"
    other = Path(f"{server.other_key}.pub").read_text().strip()
    file.write_text(f"[{HOST}]:{server.ssh_port} {other}\n[{HOST}]:1 {other}\n")
    keys.accept(HOST, server.ssh_port, keys.scan(HOST, server.ssh_port).fingerprints)
    host_key = (server.folder / "host_key.pub").read_text().strip()
    before, _, moment = file.read_text().rpartition(" accepted:")
    assert before == f"[{HOST}]:1 {other}\n[{HOST}]:{server.ssh_port} {' '.join(host_key.split()[:2])}"
    assert abs(parse_utc(moment.strip()) - SystemClock().now()) < timedelta(minutes=5)


def test_a_changed_key_is_said_in_words(server: Servers, tmp_path: Path) -> None:
    keys = HostKeys(server.wrong_known_hosts)
    assert "another key than the one that was accepted" in keys.changed(HOST, server.ssh_port)
    assert HostKeys(server.known_hosts).changed(HOST, server.ssh_port) == ""
    assert HostKeys(tmp_path / "none").changed(HOST, server.ssh_port) == ""


def test_hashed_names_are_found(server: Servers, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    shutil.copy(server.known_hosts, file)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", file], check=True, capture_output=True)
    assert HOST not in file.read_text()
    assert HostKeys(file).known(HOST, server.ssh_port)


def test_a_host_without_a_server_is_said_in_words(keys: HostKeys) -> None:
    port = free_port()
    with pytest.raises(HostUnreachable, match=f"No ssh server showed a key at {HOST}, port {port}"):
        keys.scan(HOST, port)


def test_a_name_that_does_not_exist_is_said_in_words(keys: HostKeys) -> None:
    with pytest.raises(HostUnreachable, match="could not be looked up"):
        keys.scan("no-such-host.invalid")


@pytest.mark.parametrize("host", ["-oProxyCommand=touch /tmp/pwned", "-D", ""])
def test_an_option_is_not_a_host(keys: HostKeys, host: str) -> None:
    with pytest.raises(HostUnreachable, match="not the name of a host"):
        keys.scan(host)


def test_a_machine_without_ssh_is_said_in_words(
    keys: HostKeys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostUnreachable, match="ssh is not installed on this machine"):
        keys.known(HOST)


def test_the_default_port_is_22_and_named_plainly(keys: HostKeys, tmp_path: Path, server: Servers) -> None:
    key = Path(f"{server.other_key}.pub").read_text()
    (tmp_path / "known_hosts").write_text(f"nas.invalid {key}")
    assert keys.known("nas.invalid")
    assert keys.known("nas.invalid", 22)
    assert not keys.known("nas.invalid", 2222)
    assert os.path.exists(tmp_path / "known_hosts")

"""A running server, hosts to copy to, and disks to fill; each made once and shared where it can be."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.server import serving
from tests.e2e.browser import chromium, new_visit, own_product, product, shared_product, visit
from tests.e2e.nobody import can_become_nobody, served_by_nobody
from tests.e2e.remote_hosts import RsyncDaemon, SshHost
from tests.e2e.service import Disk, Service

__all__ = ["chromium", "new_visit", "own_product", "product", "shared_product", "visit"]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One server for all tests here that do not harm it."""
    with serving(tmp_path_factory.mktemp("served") / "data") as server:
        service = Service(server)
        service.is_there()
        yield service


@pytest.fixture(scope="module")
def unprivileged() -> Iterator[tuple[Service, Path]]:
    """A server that runs as nobody, and a folder of its own."""
    if not can_become_nobody():
        pytest.skip("only root, and not in a plain chroot, may become nobody")
    with served_by_nobody() as served:
        yield served


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[SshHost]:
    """An ssh host whose key nobody has accepted yet."""
    with SshHost(tmp_path / "ssh host") as host:
        yield host


@pytest.fixture
def known_sshd(service: Service, sshd: SshHost) -> SshHost:
    """An ssh host whose key was accepted."""
    with (service.data / "known_hosts").open("a") as known:
        known.write(sshd.known_hosts_line())
    return sshd


@pytest.fixture
def rsync_daemon(tmp_path: Path) -> Iterator[RsyncDaemon]:
    with RsyncDaemon(tmp_path / "daemon") as daemon:
        yield daemon


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mounts small disks in memory; `disk("20m")` is where one of 20 MB is mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount disks")
    mounted: list[Path] = []

    def mount(size: str, place: Path = tmp_path / "disk") -> Path:
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
        mounted.append(place)
        return place

    yield mount
    for place in reversed(mounted):
        subprocess.run(["umount", "-l", place], check=True)

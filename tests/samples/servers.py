"""An ssh server and an rsync daemon on loopback with their keys and passwords, for recording and for tests."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from models.job import SshAccess

PASSWORD = "orange-canary-71"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Servers:
    """Both servers, as root, below `folder`; everything they hold goes with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ssh_port, self.daemon_port = free_port(), free_port()
        self.key, self.other_key = folder / "user key", folder / "other key"
        self.known_hosts, self.wrong_known_hosts = folder / "known hosts", folder / "wrong hosts"
        self.password_file, self.wrong_password_file = folder / "password", folder / "wrong password"
        self.module = folder / "module"
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def access(self) -> SshAccess:
        return SshAccess(self.ssh_port, str(self.key))

    def start(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o755, parents=True)
        self.start_ssh()
        self.start_daemon()

    def start_ssh(self) -> None:
        for key in (self.key, self.other_key, self.folder / "host_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
        authorized = self.folder / "authorized_keys"
        shutil.copy(f"{self.key}.pub", authorized)
        host = f"[127.0.0.1]:{self.ssh_port} "
        self.known_hosts.write_text(host + (self.folder / "host_key.pub").read_text())
        self.wrong_known_hosts.write_text(host + Path(f"{self.other_key}.pub").read_text())
        settings = self.folder / "sshd_config"
        settings.write_text(
            f'Port {self.ssh_port}\nListenAddress 127.0.0.1\nHostKey "{self.folder}/host_key"\n'
            f'AuthorizedKeysFile "{authorized}"\nPidFile none\nStrictModes no\nUsePAM no\n'
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        self._launch(["/usr/sbin/sshd", "-D", "-e", "-f", str(settings)], self.ssh_port)

    def start_daemon(self) -> None:
        self.module.mkdir(parents=True)
        for path, text in (
            (self.folder / "secrets", f"anna:{PASSWORD}\n"),
            (self.password_file, f"{PASSWORD}\n"),
            (self.wrong_password_file, "wrong\n"),
        ):
            path.write_text(text)
            path.chmod(0o600)
        settings = self.folder / "rsyncd.conf"
        common = f"path = {self.module}\nuid = root\ngid = root\nread only = no\n"
        settings.write_text(
            f"use chroot = no\n[data]\n{common}auth users = anna\nsecrets file = {self.folder}/secrets\n"
            f"[read]\npath = {self.module}\n[lost]\npath = {self.folder}/nowhere\n"
            f"[busy]\n{common}max connections = -1\n[shut]\n{common}hosts deny = *\n"
        )
        self._launch(
            ["/usr/bin/rsync", "--daemon", "--no-detach", f"--config={settings}", f"--port={self.daemon_port}",
             "--address=127.0.0.1"], self.daemon_port,
        )  # fmt: skip

    def daemon_cases(self) -> Iterator[tuple[str, str, str]]:
        """Case name, destination, password file ("" = none)."""
        here = f"127.0.0.1:{self.daemon_port}"
        yield "daemon_push", f"rsync://anna@{here}/data/copy", str(self.password_file)
        yield "daemon_wrong_password", f"rsync://anna@{here}/data/copy", str(self.wrong_password_file)
        yield "daemon_no_password", f"rsync://anna@{here}/data/copy", ""
        yield "daemon_unknown_module", f"rsync://{here}/nothing/copy", ""
        yield "daemon_read_only", f"rsync://{here}/read/copy", ""
        yield "daemon_lost_folder", f"rsync://{here}/lost/copy", ""
        yield "daemon_busy", f"rsync://{here}/busy/copy", ""
        yield "daemon_shut", f"rsync://{here}/shut/copy", ""
        yield "daemon_refused", "rsync://127.0.0.1:9/data/copy", ""
        yield "daemon_unknown_name", "rsync://no-such-host.invalid/data/copy", ""

    def stop(self) -> None:
        for server in self._running:
            server.terminate()
            server.wait(10)
        self._running.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self, argv: list[str], port: int) -> None:
        log = (self.folder / "servers.log").open("ab")
        with log:
            self._running.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        raise TimeoutError(f"nothing listens on port {port}")

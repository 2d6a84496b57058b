"""An ssh host, an rsync daemon and a host that never answers, all on loopback; not a test."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.bench.server import free_port
from tests.e2e.waiting import until

PASSWORD = "violet-canary-4402"
USER = "anna"


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def make_key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return path


def fingerprint(key: Path) -> str:
    """`SHA256:…` of a key, as ssh-keygen says it."""
    said = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], check=True, capture_output=True, text=True)
    return said.stdout.split()[1]


class Listener(ABC):
    """A program that serves on a port of its own and forks for every caller."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def _argv(self) -> list[str]:
        """The program and its arguments; writes its settings."""

    def start(self) -> None:
        with (self.folder / "said").open("ab") as said:
            self._process = subprocess.Popen(self._argv(), stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        until(lambda: answers(self.port), 10, f"a listener on port {self.port}")

    def stop(self) -> None:
        """The listener only; a caller that is being served goes on."""
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def die(self) -> None:
        """At once and with all that it does for callers, as a host without power; `start` brings it back."""
        assert self._process
        for pid in (self._process.pid, *_below(self._process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _below(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [found for child in children for found in (*_below(child), child)]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


class SshHost(Listener):
    """sshd for whoever runs the tests, by key only. `key` is let in, `foreign_key` is not."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.key, self.foreign_key = make_key(folder / "user key"), make_key(folder / "foreign key")
        self.host_key = make_key(folder / "host key")

    def address(self, path: Path | str) -> str:
        return f"{getpass.getuser()}@127.0.0.1:{path}"

    @property
    def access(self) -> dict[str, Any]:
        """The job's settings that reach this host."""
        return {"ssh": {"port": self.port, "key": str(self.key)}}

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.host_key)

    def known_hosts_line(self) -> str:
        return f"[127.0.0.1]:{self.port} {Path(f'{self.host_key}.pub').read_text()}"

    def set_up_anew(self) -> None:
        """The same host with another key, as after a new installation."""
        self.stop()
        self.host_key = make_key(self.folder / f"host key {os.urandom(4).hex()}")
        self.start()

    def sessions(self) -> list[int]:
        """The processes of sshd that serve callers, without what runs for them."""
        assert self._process
        return [pid for pid in _below(self._process.pid) if _name(pid).startswith("sshd")]

    def cut(self) -> int:
        """End them at once, as a link that breaks; how many there were."""
        return self._signal(signal.SIGKILL)

    def freeze(self) -> int:
        """Let them stand still, as a link that says nothing any more; `cut` ends that."""
        return self._signal(signal.SIGSTOP)

    def _signal(self, number: signal.Signals) -> int:
        found = self.sessions()
        for pid in found:
            os.kill(pid, number)
        return len(found)

    def _argv(self) -> list[str]:
        shutil.copy(f"{self.key}.pub", self.folder / "authorized_keys")
        settings = self.folder / "sshd_config"
        settings.write_text(
            f'Port {self.port}\nListenAddress 127.0.0.1\nHostKey "{self.host_key}"\n'
            f'AuthorizedKeysFile "{self.folder}/authorized_keys"\nPidFile none\nStrictModes no\nUsePAM no\n'
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
            f'MaxStartups 100\nSetEnv "PATH={os.environ["PATH"]}"\n'
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        return ["/usr/sbin/sshd", "-D", "-e", "-f", str(settings)]


class RsyncDaemon(Listener):
    """An rsync daemon; its one module `data` asks for `USER` and `PASSWORD`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.module = folder / "module"
        self.module.mkdir()

    def address(self, path: str, user: str = USER) -> str:
        return f"rsync://{user}@127.0.0.1:{self.port}/data/{path}"

    def short_address(self, path: str) -> str:
        """Without the port, which then stands in the job's port field."""
        return f"{USER}@127.0.0.1::data/{path}"

    def _argv(self) -> list[str]:
        as_root = "uid = root\ngid = root\n" if os.geteuid() == 0 else ""
        secrets, settings = self.folder / "secrets", self.folder / "rsyncd.conf"
        secrets.write_text(f"{USER}:{PASSWORD}\n")
        secrets.chmod(0o600)
        settings.write_text(
            f"use chroot = no\nlog file = {self.folder}/log\n[data]\npath = {self.module}\n{as_root}"
            f"read only = no\nmunge symlinks = no\nauth users = {USER}\nsecrets file = {secrets}\n"
        )
        return [
            "rsync", "--daemon", "--no-detach", f"--config={settings}", f"--port={self.port}", "--address=127.0.0.1"
        ]  # fmt: skip


class Link:
    """A way to a port that can break: `port` leads there until `cut`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._ends: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._threads = [self._begin(self._serve)]
        return self

    def _begin(self, work: Callable[..., None], *arguments: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments)
        thread.start()
        return thread

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._door.accept()
                self._ends.append(caller)
                called = socket.create_connection(("127.0.0.1", self._target))
                self._ends.append(called)
                self._threads += [self._begin(_pass_on, caller, called), self._begin(_pass_on, called, caller)]

    def cut(self) -> int:
        """Break every connection; how many there were."""
        open_ends = [end for end in self._ends if end.fileno() >= 0]
        for end in open_ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return len(open_ends) // 2

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)
        for end in self._ends:
            end.close()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while passed := one.recv(1 << 16):
            other.sendall(passed)
        other.shutdown(socket.SHUT_WR)


class SilentHost:
    """A port whose queue of callers is full: who knocks hears nothing, as behind a firewall that drops."""

    def __enter__(self) -> Self:
        self._door = socket.socket()
        self._door.bind(("127.0.0.1", 0))
        self._door.listen(0)
        self.port = int(self._door.getsockname()[1])
        self._callers = [self._caller() for _ in range(4)]
        return self

    def _caller(self) -> socket.socket:
        caller = socket.socket()
        caller.setblocking(False)
        caller.connect_ex(("127.0.0.1", self.port))
        return caller

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for caller in (*self._callers, self._door):
            caller.close()

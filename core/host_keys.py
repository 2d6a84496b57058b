"""The ssh keys of other hosts: which are accepted, what a host shows now, accepting one; never trusts by itself."""

import base64
import binascii
import hashlib
import os
import pwd
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.process import Captured, capture
from models.errors import AppError
from storage.file_lock import FileLock
from storage.shared_file import replace_file
from utils.clock import Clock, SystemClock, utc_text

_DEFAULT_PORT = 22
_MACHINES_FILES = (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))
_KINDS = {
    "ssh-ed25519": "ED25519",
    "ecdsa-sha2-nistp256": "ECDSA",
    "ecdsa-sha2-nistp384": "ECDSA",
    "ecdsa-sha2-nistp521": "ECDSA",
    "ssh-rsa": "RSA",
}
INSTALL_SSH = "ssh is not installed on this machine. Install the package openssh-client (or openssh)."


ACCEPTED = "accepted:"  # the comment of a line says when a person confirmed it


class HostUnreachable(AppError):
    """No key could be had from the host, with the reason in words."""

    code = "host_unreachable"


class HostKeyDiffers(AppError):
    """The host shows other keys than the ones a person confirmed."""

    code = "host_key_differs"


@dataclass(frozen=True, slots=True)
class HostKey:
    """What a host shows: one fingerprint per key, as `ssh-keygen -l` writes it: `SHA256:… (ED25519)`."""

    host: str
    port: int
    fingerprints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Key:
    kind: str
    blob: str

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.kind, self.blob)


@dataclass(frozen=True, slots=True)
class _Address:
    """Where ssh really connects, after its own configuration, and the name it looks keys up by."""

    host: str
    port: int
    name: str


class HostKeys:
    """`known_hosts` is our own file; the user's and the machine's count as accepted as well."""

    def __init__(self, known_hosts: Path, clock: Clock | None = None) -> None:
        self._own, self._clock = known_hosts, clock or SystemClock()
        self._lock = FileLock(known_hosts.with_name(known_hosts.name + ".lock"))

    def known(self, host: str, port: int | None = None) -> bool:
        """Whether a key of this host has been accepted, here or in ssh's own files."""
        return bool(self._accepted(_address(host, port)))

    def scan(self, host: str, port: int | None = None, timeout: int = 8) -> HostKey:
        """The keys the host shows now; `HostUnreachable` in words, within about `timeout` seconds."""
        address = _address(host, port)
        keys = _shown(address, timeout)
        return HostKey(host, address.port, tuple(key.fingerprint for key in keys))

    def accept(self, host: str, port: int | None, fingerprints: tuple[str, ...]) -> None:
        """Store exactly the keys with these fingerprints, if the host still shows every one of them."""
        address = _address(host, port)
        keys = [key for key in _shown(address, 8) if key.fingerprint in fingerprints]
        if not fingerprints or len(keys) < len(set(fingerprints)):
            raise HostKeyDiffers(
                f"{host} shows other keys now than the ones that were confirmed. Nothing was accepted. "
                "Compare the fingerprints again."
            )
        with self._lock.hold():
            replace_file(self._own, self._with(address.name, keys))

    def changed(self, host: str, port: int | None = None) -> str:
        """The sentence for a host that shows none of its accepted keys ("" = it shows one, or none is accepted)."""
        address = _address(host, port)
        accepted = self._accepted(address)
        if not accepted or any(key in accepted for key in _shown(address, 8)):
            return ""
        return (
            f"{host} shows another key than the one that was accepted: it was set up anew, or somebody "
            "stands between. Find out on the host itself which key is right before accepting it."
        )

    def _with(self, name: str, keys: list[_Key]) -> bytes:
        """Our file with these keys in the place of what it held for `name`."""
        kept = [line for line in lines_of(self._own) if line.strip() and line.split(None, 1)[0] != name]
        moment = utc_text(self._clock.now())
        new = [f"{name} {key.kind} {key.blob} {ACCEPTED}{moment}" for key in keys]
        return text_of([*kept, *new])

    def _accepted(self, address: _Address) -> set[_Key]:
        home = Path(pwd.getpwuid(os.getuid()).pw_dir)  # ssh asks the same, whatever HOME says
        files = (self._own, home / ".ssh" / "known_hosts", *_MACHINES_FILES)
        return {key for file in files if os.path.isfile(file) for key in _entries(file, address.name)}


def lines_of(known_hosts: Path) -> list[str]:
    """All lines of our file, whatever bytes are in its comments; the last one may lack its newline."""
    try:
        text = known_hosts.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return []
    return text.removesuffix("\n").split("\n") if text else []


def text_of(lines: Iterable[str]) -> bytes:
    """What `lines_of` reads as these lines."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def fingerprint_of(kind: str, blob: str) -> str:
    """As `ssh-keygen -l` writes it: `SHA256:… (ED25519)`; ValueError where the key is none."""
    digest = hashlib.sha256(base64.b64decode(blob, validate=True)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')} ({_KINDS.get(kind, kind)})"


def _entries(file: Path, name: str) -> Iterator[_Key]:
    """The keys `file` holds for `name`; names in it may be hashed, so ssh-keygen looks them up."""
    answer = _run("ssh-keygen", "-F", name, "-f", str(file))
    for line in answer.output.decode(errors="replace").splitlines():
        if not line.startswith(("#", "@")):
            yield from _keys(line)


def _address(host: str, port: int | None) -> _Address:
    """ssh's own view of `host`: an alias in its configuration may stand for another name and port."""
    if host.startswith("-") or not host:
        raise HostUnreachable("This is not the name of a host.")
    wished = ("-p", str(port)) if port else ()
    answer = _run("ssh", "-G", *wished, "--", host)
    lines = answer.output.decode(errors="replace").splitlines()
    found = dict(line.split(" ", 1) for line in lines if " " in line)
    real, number = found.get("hostname", host), int(found.get("port", port or _DEFAULT_PORT))
    name = found.get("hostkeyalias", "none")
    if name == "none":
        name = real if number == _DEFAULT_PORT else f"[{real}]:{number}"
    return _Address(real, number, name)


def _shown(address: _Address, timeout: int) -> list[_Key]:
    """The keys the host shows, the strongest kind first."""
    argv = ("-T", str(timeout), "-t", "ed25519,ecdsa,rsa", "-p", str(address.port), "--", address.host)
    answer = _run("ssh-keyscan", *argv, seconds=timeout + 1.0)
    output = answer.output.decode(errors="replace")
    keys = {key for line in output.splitlines() if not line.startswith("#") for key in _keys(line)}
    if not keys:
        raise HostUnreachable(_why(address, output, timeout))
    return sorted(keys, key=lambda key: (tuple(_KINDS).index(key.kind), key.blob))


def _keys(line: str) -> Iterator[_Key]:
    fields = line.split()
    if len(fields) < 3 or fields[1] not in _KINDS:
        return
    try:
        base64.b64decode(fields[2], validate=True)
    except binascii.Error:
        return
    yield _Key(fields[1], fields[2])


def _why(address: _Address, output: str, timeout: int) -> str:
    if "getaddrinfo" in output:
        return f"The host's name “{address.host}” could not be looked up. Check its spelling and the network."
    return (
        f"No ssh server showed a key at {address.host}, port {address.port}, within {timeout} seconds. "
        "Check that the host is on, and the port."
    )


def _run(program: str, *arguments: str, seconds: float = 5.0) -> Captured:
    try:
        return capture((program, *arguments), {"LC_ALL": "C.UTF-8"}, seconds)
    except OSError as error:
        raise HostUnreachable(INSTALL_SSH) from error

"""Secrets to plant, and looking for them in everything that a server says, keeps and starts; it uses no server."""

import base64
import gzip
import io
import json
import os
import re
import stat
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

SHARED = re.compile(
    r"data/(jobs\.yaml|settings\.yaml|logs(/.*)?)"
)  # with the legacy app: they keep the rights they have
_PAUSE = 0.01


@dataclass(frozen=True)
class Canary:
    """`homes` names the files (0600, by regular expression) that may hold it, `told` what may show it to who typed it.

    `environments`: the variable that may carry it to a tool.
    """

    name: str
    secret: str
    homes: str = ""
    told: str = ""
    environment: str = ""

    @cached_property
    def forms(self) -> tuple[bytes, ...]:
        """As it may stand somewhere: plain, in a URL, in base64 at any of three offsets."""
        raw = self.secret.encode()
        encoded = (base64.b64encode(b"\0" * shift + raw)[(4 if shift else 0) : -4] for shift in range(3))
        return (raw, quote(self.secret).encode(), *encoded)


class Said(NamedTuple):
    """One answer or output: `by` is `GET /path`, `$ command`, `event` and the like."""

    by: str
    content: bytes


def in_words(canaries: Sequence[Canary], said: Sequence[Said]) -> Iterator[str]:
    """Where one was said to somebody who did not type it just then."""
    for piece in said:
        content = unpacked(piece.content)
        for canary in canaries:
            if not (canary.told and re.fullmatch(canary.told, piece.by)) and holds(canary, content):
                yield f"{canary.name} in the answer to {piece.by}"


def holds(canary: Canary, content: bytes) -> bool:
    return any(form in content for form in canary.forms)


def unpacked(content: bytes) -> bytes:
    """With what is compressed in it, so that nothing hides there."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    plain = gzip.decompress(content)
    with suppress(tarfile.TarError), tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        files = [archive.extractfile(member) for member in archive.getmembers()]
        return plain + b"\n".join(file.read() for file in files if file)
    return plain


def in_files(canaries: Sequence[Canary], root: Path) -> Iterator[str]:
    """Files that hold one and are not its home, or a home that others can read."""
    for path in files_below(root):
        name = path.relative_to(root).as_posix()
        with suppress(FileNotFoundError):
            content = name.encode() + b"\n" + unpacked(path.read_bytes())
            is_open = stat.S_IMODE(path.stat().st_mode) & 0o077 and not SHARED.fullmatch(name)
            for canary in canaries:
                if not holds(canary, content):
                    continue
                if not (canary.homes and re.fullmatch(canary.homes, name)):
                    yield f"{canary.name} in {name}"
                elif is_open:
                    yield f"{canary.name} in {name}, which others can read"


def files_below(root: Path) -> list[Path]:
    return [Path(place, name) for place, _folders, names in os.walk(root) for name in names if _is_file(place, name)]


def _is_file(place: str, name: str) -> bool:
    with suppress(OSError):
        return stat.S_ISREG(os.lstat(os.path.join(place, name)).st_mode)
    return False


def open_to_others(root: Path) -> list[str]:
    """What is ours alone in the data folder and is not 0600 or 0700."""
    wrong = []
    for place, folders, names in os.walk(root / "data"):
        for name in (*folders, *names):
            path = Path(place, name)
            with suppress(FileNotFoundError):
                mode = stat.S_IMODE(path.lstat().st_mode)
                shown = path.relative_to(root).as_posix()
                if mode & 0o077 and not path.is_symlink() and not SHARED.fullmatch(shown):
                    wrong.append(f"{shown} {mode:04o}")
    return sorted(wrong)


class Call(NamedTuple):
    """A program as it was called."""

    words: tuple[str, ...]
    environment: dict[str, str]


def in_calls(canaries: Sequence[Canary], calls: Sequence[Call]) -> Iterator[str]:
    for call in calls:
        words = os.fsencode("\0".join(call.words))
        for canary in canaries:
            if holds(canary, words):
                yield f"{canary.name} in the arguments of {call.words[:3]}"
            for name, value in call.environment.items():
                if name != canary.environment and holds(canary, os.fsencode(value)):
                    yield f"{canary.name} in the environment of {call.words[:3]} as {name}"


RECORDER = """#!{python} -IS
import json, os, sys
with open("{records}", "a") as record:
    record.write(json.dumps([sys.argv, dict(os.environ)]) + "\\n")
real = {tools}[os.path.basename(sys.argv[0])]
os.execv(real, [real, *sys.argv[1:]])
"""


def recorded(file: Path) -> list[Call]:
    """What the recorder wrote down, which stands before the tools on the PATH."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [Call(tuple(words), environment) for words, environment in map(json.loads, lines)]


class Watch:
    """Reads arguments and environment of every new process of the machine three times, as long as the `with` lasts."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._over, self._looks = threading.Event(), dict.fromkeys(filter(str.isdigit, os.listdir("/proc")), 3)
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(20)

    def of(self, word: str) -> list[Call]:
        return [call for call in self.calls if word in call.words]

    def _look(self) -> None:
        looks = self._looks
        while not self._over.wait(_PAUSE):
            present = set(filter(str.isdigit, os.listdir("/proc")))
            looks = {pid: count for pid, count in looks.items() if pid in present}
            for pid in present:
                if looks.get(pid, 0) < 3:
                    looks[pid] = looks.get(pid, 0) + 1
                    self._read(pid)

    def _read(self, pid: str) -> None:
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
            pairs = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            named = [os.fsdecode(pair).partition("=") for pair in pairs if pair]
            call = Call(tuple(map(os.fsdecode, words)), {name: value for name, _, value in named})
            if call.words and call not in self.calls[-50:]:
                self.calls.append(call)

"""The remotes that rclone.conf configures: which there are, whether they answer, the file's password; changes none."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.host_keys import HostKey, HostKeys
from core.process import capture
from core.tools import Tools
from engines import remote_commands, remote_words
from engines.base import Location
from engines.remote_fields import is_usable
from engines.remote_kinds import CONFIG_PASSWORD, ENGINE
from models.errors import AppError, HostKeyUnknown
from models.settings import Config
from storage.remotes_file import is_encrypted, usual_file
from storage.secret_store import SHARED, SecretStore
from storage.shared_file import read_file
from utils.text import HOSTILE

Sections = Mapping[str, Mapping[str, str]]
_READ_SECONDS, _TEST_SECONDS = 20.0, 30.0
_MOST_SHOWN, _MOST_KNOWN = 20, 4


class RemotesUnreadable(AppError):
    """rclone.conf cannot be read now: rclone is missing, the file is broken or cannot be decrypted."""

    code = "remotes_unreadable"


class WrongConfigPassword(RemotesUnreadable):
    """The file is encrypted, and the stored password (if any) does not open it."""

    code = "wrong_config_password"


class RemoteNotFound(AppError):
    code = "remote_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such remote. It may have been deleted from rclone.conf.")


class RemoteSilent(AppError):
    """The remote did not do what was asked, with the reason in words."""

    code = "remote_silent"


@dataclass(frozen=True, slots=True)
class Remote:
    """One configured remote. `description` says where it leads, without secrets ("" = unknown).

    `is_usable`: a job can name it. `warning` is a sentence about what is unsafe ("" = nothing known).
    """

    name: str
    type: str
    description: str = ""
    is_usable: bool = True
    warning: str = ""


class Remotes:
    """Reads the file through rclone, which is asked again only when bytes, tool or password are others."""

    def __init__(self, config: Callable[[], Config], tools: Tools, secrets: SecretStore, host_keys: HostKeys) -> None:
        self._config = config
        self._tools, self._secrets, self._host_keys = tools, secrets, host_keys
        self._known: dict[tuple[bytes, str, str], Sections] = {}
        self._lock = threading.Lock()

    @property
    def file(self) -> Path:
        """The file that config.yaml names, else the one where rclone looks."""
        named = self._config().rclone_config
        return Path(named) if named else usual_file(os.environ)

    @property
    def is_encrypted(self) -> bool:
        return is_encrypted(self.content())

    @property
    def has_password(self) -> bool:
        return bool(self._password())

    def names(self) -> tuple[str, ...]:
        """What a job may name, in order; `RemotesUnreadable` where the file cannot be read."""
        return tuple(name for name in self.sections() if is_usable(name))

    def all(self) -> tuple[Remote, ...]:
        return tuple(_remote(name, section) for name, section in self.sections().items())

    def section(self, name: str) -> Mapping[str, str]:
        """The values of one remote, secrets too; `RemoteNotFound`."""
        sections = self.sections()
        if name not in sections:
            raise RemoteNotFound
        return sections[name]

    def absent(self, location: Location) -> str:
        """Why a job cannot use this side ("" = it can): its remote is not configured, or nobody can tell."""
        if location.kind != "remote":
            return ""
        try:
            names = self.names()
        except RemotesUnreadable as error:
            return f"Whether there is a remote called {location.host} cannot be told. {error.message}"
        if location.host in names:
            return ""
        return f"There is no remote called {location.host}. {_listed(names)}"

    def sections(self) -> Sections:
        """All of the file."""
        return self.read(self.content(), self._password())

    def read(self, content: bytes, password: str = "") -> Sections:  # nosec B107 # empty: a file without one
        """The sections of such a file as rclone understands it; asked once for the same bytes."""
        key = (content, password, self.program())
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = self._asked(content, password)
            with self._lock:
                while len(self._known) >= _MOST_KNOWN:
                    self._known.pop(next(iter(self._known)))
                self._known[key] = known
        return known

    def _asked(self, content: bytes, password: str) -> Sections:
        """rclone gets the bytes on its input, so that it reads exactly these."""
        if not content.strip():
            return {}
        if is_encrypted(content) and not password:
            raise WrongConfigPassword(f"{self.file} is encrypted. Enter its password on the page Remotes, in Settings.")
        answer = capture(
            remote_commands.dump(self.program(), "/dev/stdin"), self._environment(password), _READ_SECONDS, content
        )
        if answer.timed_out:
            raise RemotesUnreadable(f"rclone did not read {self.file} within {_READ_SECONDS:.0f} seconds.")
        sections = _parsed(answer.output) if answer.exit_code == 0 else None
        if sections is None:
            raise self._unreadable(answer.output, is_encrypted(content))
        return dict(sorted(sections.items(), key=lambda item: (item[0].casefold(), item[0])))

    def content(self) -> bytes:
        """The bytes of the file; none where there is no file."""
        try:
            return read_file(self.file) or b""
        except OSError as error:
            raise RemotesUnreadable(f"{self.file} cannot be read: {error.strerror}.") from error

    def program(self) -> str:
        """The path of rclone; `RemotesUnreadable` where it cannot be used."""
        state = self._tools.state(ENGINE)
        if state.tool is None:
            raise RemotesUnreadable(state.sentence)
        return state.tool.path

    def test(self, name: str) -> str:
        """A sentence about a remote that answers; `RemoteSilent` in words, `HostKeyUnknown` for an unknown ssh host."""
        section = self.section(name)
        if not is_usable(name):
            raise RemoteSilent("rclone cannot reach a remote of this name. Rename it with: rclone config")
        argv = remote_commands.listing(self.program(), str(self.file), name)
        answer = capture(argv, self._environment(self._password()), _TEST_SECONDS)
        if answer.timed_out:
            raise RemoteSilent(f"{name} did not answer within {_TEST_SECONDS:.0f} seconds.")
        if answer.exit_code == 0:
            return "It answers."
        found = remote_words.trouble(name, section, answer.output.decode(errors="replace"))
        if remote_words.is_empty_wrapper(section, found):
            return "It answers. Its folder is not there yet; the first copy makes it."
        if found.code == "host_key_unknown":
            raise HostKeyUnknown(found.sentence)
        raise RemoteSilent(found.sentence)

    def host_key(self, name: str) -> HostKey:
        """The keys that the remote's ssh host shows now; `HostUnreachable` in words."""
        return self._host_keys.scan(*_address(self.section(name)))

    def accept_host_key(self, name: str, fingerprints: tuple[str, ...]) -> None:
        """Trust exactly these keys of the remote's host from now on."""
        host, port = _address(self.section(name))
        self._host_keys.accept(host, port, fingerprints)

    def set_password(self, password: str) -> None:
        """Keep the password of an encrypted file, if it opens it; `WrongConfigPassword` otherwise."""
        content = self.content()
        if not is_encrypted(content):
            raise AppError(f"{self.file} is not encrypted, so it needs no password.")
        if HOSTILE.search(password):
            raise WrongConfigPassword("A password is one line without characters that cannot be shown.")
        self.read(content, password)
        self._secrets.set(SHARED, CONFIG_PASSWORD, password)

    def forget_password(self) -> None:
        self._secrets.forget(SHARED)

    def _password(self) -> str:
        return self._secrets.get(SHARED, CONFIG_PASSWORD)

    def _environment(self, password: str) -> dict[str, str]:
        return {"LC_ALL": "C.UTF-8"} | ({"RCLONE_CONFIG_PASS": password} if password else {})

    def _unreadable(self, output: bytes, was_encrypted: bool) -> RemotesUnreadable:
        text = output.decode(errors="replace")
        if was_encrypted and "decrypt" in text:
            return WrongConfigPassword(f"This password does not open {self.file}. Nothing was changed.")
        return RemotesUnreadable(f"rclone cannot read {self.file}. {remote_words.unreadable(text)}")


def _parsed(output: bytes) -> dict[str, dict[str, str]] | None:
    """The sections in the output of `config dump`, None where it is something else."""
    text = output.decode(errors="surrogateescape")
    try:
        found = json.loads(text[max(text.find("{"), 0) :])
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(isinstance(section, dict) for section in found.values()):
        return None
    return {name: {key: str(value) for key, value in section.items()} for name, section in found.items()}


def _remote(name: str, section: Mapping[str, str]) -> Remote:
    warning = remote_words.warning(section)
    return Remote(name, section.get("type", ""), remote_words.described(section), is_usable(name), warning)


def _address(section: Mapping[str, str]) -> tuple[str, int]:
    port = section.get("port", "")
    return section.get("host", "").strip("[]"), int(port) if port.isascii() and port.isdigit() else 22


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "None is configured yet: add one on the page Remotes, in Settings."
    more = f" and {len(names) - _MOST_SHOWN:,} more" if len(names) > _MOST_SHOWN else ""
    return f"There are: {', '.join(names[:_MOST_SHOWN])}{more}."

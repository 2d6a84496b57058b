"""Which words of this installation are nobody else's business, and what stands in their place; it reads no log."""

import os
import pwd
import socket
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

from engines.base import Location
from engines.registry import engine, names
from flask_app.config import ServerConfig
from flask_app.utils.container import doors, services
from models.errors import AppError
from models.job import Job
from storage.data_folder import DataFolder
from storage.secret_store import SecretStore
from utils.masking import Mask

_ROOT = Path(__file__).resolve().parents[1]
_LEAST = 3  # characters of a name that is looked for; a shorter one would be found everywhere


def mask_of(config: ServerConfig) -> Mask:
    """What takes everything private of this installation out of a text."""
    words = _of_the_machine()
    for job in services().jobs.snapshot().jobs.values():
        words |= _of_job(job)
    words |= _of_remotes() | _of_accounts()
    kept = {word: instead for word, instead in words.items() if len(word) >= _LEAST}
    return Mask(_secrets(config), kept | _of_the_program())


def _of_the_program() -> dict[str, str]:
    """Where our own code and Python's lie is private; which line of it failed is what a report is for."""
    libraries = (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"))
    folders = dict.fromkeys(libraries, "python:") | {str(_ROOT): "program:"}
    return {f"{folder}/": instead for folder, instead in folders.items()} | {sys.prefix: "<python>"}


def _of_the_machine() -> dict[str, str]:
    words = {socket.gethostname(): "<machine>"}
    with suppress(KeyError):
        own = pwd.getpwuid(os.geteuid()).pw_name
        words |= {own: "<user>"} if own != "root" else {}
    return words


def _of_job(job: Job) -> dict[str, str]:
    settings = job.settings
    places = (job.source, job.dest, settings.ssh.key or "")
    words = {job.name: "<name>", **dict.fromkeys((place.rstrip("/") for place in places), "<place>")}
    words |= dict.fromkeys((*settings.exclude, *settings.include), "<pattern>") | dict.fromkeys(settings.tags, "<tag>")
    for side in locations_of(job):
        words |= {side.host: "<host>", side.user: "<user>"} | (
            {} if side.is_local else {side.path.rstrip("/"): "<place>"}
        )
    return words


def locations_of(job: Job) -> tuple[Location, ...]:
    """Both sides, none where they cannot be understood."""
    if job.type in names():
        with suppress(AppError):
            return engine(job.type).locations(job)
    return ()


def _of_remotes() -> dict[str, str]:
    """Names and all values: which of them are secret depends on the kind, and an address is private as well."""
    with suppress(AppError):
        sections = services().remotes.sections()
        values = (value for section in sections.values() for name, value in section.items() if name != "type")
        return dict.fromkeys(filter(_is_telling, values), "<remote's value>") | dict.fromkeys(sections, "<remote>")
    return {}


def _of_accounts() -> dict[str, str]:
    with suppress(AppError):
        return {account.name: "<account>" for account in doors().accounts.all()}
    return {}


def _is_telling(value: str) -> bool:
    return not value.isdigit() and value not in {"true", "false"}


def _secrets(config: ServerConfig) -> list[str]:
    folder = DataFolder(config.data_dir)
    found = [config.secret_key]
    with suppress(AppError):
        found += SecretStore(folder).every()
    with suppress(OSError):
        found.append(folder.secret_key_file.read_text().strip())
    return found

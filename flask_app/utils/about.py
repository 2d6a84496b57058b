"""What this program is made of, what of others lies in it, and what its environment set; it asks nobody."""

import json
import platform
import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from flask import current_app

_ROOT = Path(__file__).resolve().parents[2]
_MANIFEST = _ROOT / "flask_app" / "static" / "vendor" / "manifest.json"
_LIBRARIES = ("Flask", "python-socketio", "gunicorn", "eventlet", "pydantic", "PyYAML", "structlog")
VERSION = "0.1.0"  # as in pyproject.toml


@dataclass(frozen=True, slots=True)
class Vendored:
    """A file of another project that browsers get from here."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class About:
    """`docs` is where the manual lies; the rest has no names and no paths, so that it can be sent with a report."""

    version: str
    python: str
    libraries: tuple[tuple[str, str], ...]
    vendored: tuple[Vendored, ...]
    docs: Path
    system: str


def environment() -> dict[str, str]:
    """What was set in the environment of this server, by variable; no secrets."""
    server = current_app.config["SERVER"]
    return {
        "BACKUP_MANAGER_DATA_DIR": str(server.data_dir),
        "BACKUP_MANAGER_HOST": server.address.host,
        "BACKUP_MANAGER_PORT": str(server.address.port),
        "BACKUP_MANAGER_ALLOWED_HOSTS": ", ".join(sorted(server.allowed_hosts)) or "none besides this machine's own",
        "BACKUP_MANAGER_TRUSTED_PROXIES": str(server.trusted_proxies),
        "BACKUP_MANAGER_AUTH": server.access,
        "BACKUP_MANAGER_AUTH_HEADER": server.auth_header or "none",
        "BACKUP_MANAGER_AUTH_PROXIES": ", ".join(map(str, server.auth_proxies)) or "none",
        "BACKUP_MANAGER_ASYNC_MODE": server.async_mode,
        "BACKUP_MANAGER_LOG_FORMAT": server.log_format,
    }


@cache
def about() -> About:
    return About(
        VERSION, sys.version.split()[0], tuple(_libraries()), tuple(_vendored()), _ROOT / "docs",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    )  # fmt: skip


def _libraries() -> list[tuple[str, str]]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return found


def _vendored() -> list[Vendored]:
    entries = json.loads(_MANIFEST.read_text())["vendored"]
    ours = [entry for entry in entries if entry["path"].startswith("flask_app/")]
    return [Vendored(entry["name"], entry["version"], entry["licence"]) for entry in ours]

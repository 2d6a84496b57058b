"""The file that can be sent with a report: what this installation is made of and how it does, without secrets.

What is in it is named here one by one; nothing is copied as it stands. It asks and packs; it sends nothing anywhere.
"""

import io
import json
import os
import tarfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from itertools import islice
from typing import Any

from core.container import Offload, directly
from core.past_runs import Wanted
from engines.base import Location
from flask_app.config import ServerConfig
from flask_app.private_words import locations_of, mask_of
from flask_app.server_log import newest_lines
from flask_app.utils.about import about
from flask_app.utils.checkup import Finding
from flask_app.utils.container import services
from models.errors import AppError
from models.job import Job
from models.run import GOOD
from models.run_summary import RunSummary
from storage.data_folder import file_system_type
from utils.masking import Mask

SUFFIX = "tar.gz"
FOLDER = "backup-manager-report"
MOST_JOBS, MOST_RUNS, MOST_REASONS = 500, 500, 20
MOST_LOG = 128 * 1024  # bytes
LARGEST = 1_000_000  # bytes of one file
READ_ME = """For a report about Backup Manager. Read it before you give it to anybody: it is plain text.

versions.json   this program, Python, packages, the tools, the system, how the server is set up
checks.json     what "doctor" found
settings.json   the settings; paths are taken out
jobs.json       of each job: engine, state, options; no name, place, host, user, pattern or tag
runs.json       when the last runs began and ended, how, how much they copied
server.log      the newest lines of the server's log

Names of jobs, places, hosts, users, addresses, paths, and everything that looks like a password, a key or a token are
taken out. Passwords, keys, sessions, accounts and the logs of runs are not looked into.
"""


def packed(found: Sequence[Finding], config: ServerConfig, offload: Offload = directly) -> bytes:
    """The whole file; at most a few hundred kilobytes. What takes a tenth of a second is done through `offload`."""
    mask = mask_of(config)
    checks = [{"name": item.name, "ok": item.is_good, "message": item.sentence} for item in found]
    members = {
        "README.txt": READ_ME,
        "versions.json": _json(_versions(mask, config)),
        "checks.json": _json(_masked(checks, mask)),
        "settings.json": _json(_masked(_settings(), mask)),
        "jobs.json": _json(_jobs(mask)),
        "runs.json": _json(_runs(mask)),
        "server.log": offload(mask.text, newest_lines(config.data_dir, MOST_LOG)),
    }
    return _archive(members)


def _versions(mask: Mask, config: ServerConfig) -> dict[str, Any]:
    facts, container = about(), services()
    tools = (*container.tools.all(), container.ssh.state())
    return {
        "backup_manager": facts.version,
        "python": facts.python,
        "system": facts.system,
        "packages": dict(sorted((one.metadata["Name"], one.version) for one in metadata.distributions())),
        "in_pages": {one.name: one.version for one in facts.vendored},
        "tools": {state.name: mask.text(state.tool.version_text) if state.tool else None for state in tools},
        "warnings": [mask.text(word) for state in tools for word in (state.sentence, state.warning) if word],
        "server": {
            "async_mode": config.async_mode,
            "auth": config.access,
            "on_loopback": config.address.is_loopback(),
            "trusted_proxies": config.trusted_proxies,
            "allowed_hosts": len(config.allowed_hosts),
            "log_format": config.log_format,
            "as_root": os.geteuid() == 0,
            "data_folder_on": file_system_type(config.data_dir),
            "processors": os.cpu_count(),
        },
    }


def _settings() -> dict[str, Any]:
    return {"settings.yaml": asdict(services().settings.load()), "config.yaml": asdict(services().configs.load())}


def _jobs(mask: Mask) -> dict[str, Any]:
    jobs = services().jobs.snapshot().jobs.values()
    newest = sorted(jobs, key=lambda job: job.updated_at, reverse=True)[:MOST_JOBS]
    return {"total": len(jobs), "jobs": [_job(job, mask) for job in newest]}


def _job(job: Job, mask: Mask) -> dict[str, Any]:
    """What is in words is counted, what is a choice of ours is told."""
    settings = job.settings
    counted = {name: len(getattr(settings, name)) for name in ("exclude", "include", "tags")}
    told = {name: value for name, value in settings._asdict().items() if name not in {*counted, "ssh", "unbuilt"}}
    return {
        "id": job.id,
        "type": mask.text(job.type),
        "status": job.status,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "source_and_dest": [_side(side) for side in locations_of(job)] or "cannot be understood",
        "closing_slash": job.source.endswith("/"),
        "settings": told | counted,
        "ssh": {"port": settings.ssh.port is not None, "key": settings.ssh.key is not None},
        "unknown_settings": len(settings.unbuilt),
    }


def _side(side: Location) -> dict[str, Any]:
    depth = len([part for part in side.path.split("/") if part])
    return {"kind": side.kind, "depth": depth, "user": bool(side.user), "port": side.port is not None}


def _runs(mask: Mask) -> list[dict[str, Any]]:
    """Newest first; of the last that did not end well also why."""
    rows, left = [], MOST_REASONS
    for run in islice(services().queries.past_runs.each(Wanted()), MOST_RUNS):
        row = {name: value for name, value in run._asdict().items() if name not in {"job_name", "places"}}
        if run.state not in GOOD and left > 0:
            left -= 1
            row |= _why(run, mask)
        rows.append(row)
    return rows


def _why(run: RunSummary, mask: Mask) -> dict[str, Any]:
    try:
        outcome = services().runs.read(run.job_id, run.run_id).outcome
    except AppError:
        return {}
    return {"exit_code": outcome.exit_code, "signal": outcome.signal, "reason": mask.text(outcome.reason)}


def _masked(value: Any, mask: Mask) -> Any:
    """The same shape, with every text in it masked."""
    if isinstance(value, dict):
        return {name: _masked(item, mask) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item, mask) for item in value]
    return mask.text(value) if isinstance(value, str) else value


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _archive(members: dict[str, str]) -> bytes:
    """Names, sizes and times only: no owner of this machine is in it."""
    packed_bytes = io.BytesIO()
    with tarfile.open(fileobj=packed_bytes, mode="w:gz") as archive:
        for name, text in members.items():
            content = text.encode(errors="backslashreplace")[:LARGEST]
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size, member.mtime, member.mode = len(content), int(time.time()), 0o600
            archive.addfile(member, io.BytesIO(content))
    return packed_bytes.getvalue()

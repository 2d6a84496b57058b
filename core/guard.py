"""Looks at source and destination before anything is copied, and refuses what would lose a backup.

It judges folders and disks; what a field may contain at all is the engine's to say.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any

from core.file_systems import FileSystem, file_system_of, keeps_exact_times
from engines.base import Location
from models.errors import CannotStart, IdentityChanged
from storage.shared_file import replace_file

SIDES = ("source", "dest")
_NAMES = {"source": "The source", "dest": "The destination"}


def folder_problems(source: Location, dest: Location) -> dict[str, str]:
    """Form field → sentence for every local side that cannot be used as it is."""
    found: dict[str, str] = {}
    if source.is_local and (sentence := _source_problem(source.path)):
        found["source"] = sentence
    if dest.is_local and (sentence := _dest_problem(dest.path)):
        found["dest"] = sentence
    if not found and source.is_local and dest.is_local:
        found.update(_overlap_problem(source.path, dest.path))
    return found


def refuse_problems(source: Location, dest: Location) -> None:
    """`CannotStart` with the first sentence if a side cannot be used."""
    if found := folder_problems(source, dest):
        raise CannotStart(next(iter(found.values())), found)


def _source_problem(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return f"{path} does not exist. Check the spelling, or plug in the disk it is on."
    except PermissionError:
        return f"{path} cannot be looked at: permission denied. Let this user read it."
    except OSError as error:
        return f"{path} cannot be looked at: {_reason(error)}."
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        return f"{path} is neither a folder nor a file. Choose a folder."
    needed = os.R_OK | os.X_OK if stat.S_ISDIR(mode) else os.R_OK
    if not os.access(path, needed):
        return f"{path} cannot be read: permission denied. Let this user read it."
    return ""


def _dest_problem(path: str) -> str:
    nearest = nearest_existing(path)
    try:
        mode = os.stat(nearest).st_mode
    except OSError as error:
        return f"{nearest} cannot be looked at: {_reason(error)}."
    if not stat.S_ISDIR(mode):
        return f"{nearest} is a file, not a folder. Choose a folder."
    if os.statvfs(nearest).f_flag & os.ST_RDONLY:
        return f"{nearest} is on a read-only file system. Remount it writable, or choose another destination."
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} cannot be written: permission denied. Let this user write there."
    return ""


def nearest_existing(path: str) -> str:
    """`path` itself or the closest folder above it that exists."""
    nearest = os.path.normpath(path)
    while not os.path.lexists(nearest) and nearest != "/":
        nearest = os.path.dirname(nearest)
    return nearest


def _overlap_problem(source: str, dest: str) -> dict[str, str]:
    """Judged on the real folders, so that a symbolic link does not hide one inside the other."""
    real_source, real_dest = os.path.realpath(source), os.path.realpath(dest)
    if not source.endswith("/") and os.path.isdir(real_source):
        copied = os.path.join(real_dest, os.path.basename(os.path.normpath(source)))
        if os.path.realpath(copied) == real_source:
            return {"dest": f"The copy would be {source} itself. Choose another folder."}
    if real_source == real_dest:
        return {"dest": "Source and destination are the same folder. Choose another one."}
    if _inside(real_dest, real_source):
        return {
            "dest": "This folder lies inside the source, so the backup would copy itself. "
            f"Choose a folder outside {source}."
        }
    if _inside(real_source, real_dest):
        return {
            "dest": "The source lies inside this folder, so files of the source could be overwritten. "
            "Choose a folder that does not contain it."
        }
    return {}


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _reason(error: OSError) -> str:
    return (error.strerror or "input/output error").lower()


def as_root() -> bool:
    return os.geteuid() == 0


def identities(source: Location, dest: Location) -> dict[str, FileSystem]:
    """The file system of each local side, now."""
    found = {}
    for side, location in zip(SIDES, (source, dest), strict=True):
        if location.is_local:
            found[side] = file_system_of(nearest_existing(location.path))
    return found


def exact_times(source: Location, dest: Location) -> bool:
    """Whether a time at the destination can be compared to the nanosecond with the source's."""
    return source.is_local and dest.is_local and keeps_exact_times(nearest_existing(dest.path))


def record_identities(file: Path, source: Location, dest: Location) -> None:
    """Remember where this good run was made; compared before the next one."""
    facts = {side: found._asdict() for side, found in identities(source, dest).items()}
    paths = {"source_path": source.path, "dest_path": dest.path}
    replace_file(file, json.dumps(facts | paths).encode())


def check_identities(file: Path, source: Location, dest: Location) -> None:
    """`IdentityChanged` if a side is not on the file system of the last good run."""
    if not file.exists():
        return
    recorded = _recorded(file)
    for side, location in zip(SIDES, (source, dest), strict=True):
        if location.is_local and side in recorded and recorded[f"{side}_path"] == location.path:
            _check_side(side, location.path, FileSystem(**recorded[side]))


def check_copy(file: Path, source: Location, dest: Location, is_in_place: bool) -> None:
    """`IdentityChanged` if the copy, or the place it goes back to, is not on the disk of the last good run.

    An unplugged disk must not look like an empty copy, nor its mount point be filled with one.
    """
    if not file.exists():
        return
    recorded = _recorded(file)
    for side, location in (("dest", dest), *((("source", source),) if is_in_place else ())):
        if location.is_local and side in recorded and recorded[f"{side}_path"] == location.path:
            _check_side(side, location.path, FileSystem(**recorded[side]))


def _recorded(file: Path) -> dict[str, Any]:
    """What `record_identities` wrote; nobody's disks are taken on trust where it cannot be read."""
    try:
        recorded = json.loads(file.read_bytes())
        return {**recorded, "source_path": recorded["source_path"], "dest_path": recorded["dest_path"]}
    except (ValueError, TypeError, KeyError) as error:
        raise IdentityChanged(
            "Which disks the last good run used cannot be read any more. "
            "Make sure that the right disks are plugged in, then say that this is intended."
        ) from error


def _check_side(side: str, path: str, recorded: FileSystem) -> None:
    """A destination that was removed from its disk may be made anew there; any other absence is a doubt."""
    now = file_system_of(nearest_existing(path))
    if not os.path.lexists(path):
        if side == "dest" and now.is_same(recorded):
            return
        raise IdentityChanged(
            f"{_NAMES[side]} {path} is gone since the last good run. Plug the disk in, or say that this is intended.",
            {side: "It existed at the last good run."},
        )
    if not now.is_same(recorded):
        raise IdentityChanged(
            f"{_NAMES[side]} {path} is not on the disk of the last good run: it was on "
            f"{_describe(recorded)}, now it is on {_describe(now)}. Plug the disk in, or say that this is intended.",
            {side: "Another disk than at the last good run."},
        )


def _describe(found: FileSystem) -> str:
    return f"{found.source or found.kind} ({found.kind}, mounted at {found.mount_point})"

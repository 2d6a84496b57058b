"""A job turned around: which folder its copy is, where that came from, and what is asked for on the way back.

It looks at places and writes wishes down; it starts nothing and moves no file.
"""

import json
import os
from dataclasses import dataclass
from typing import Any

from engines.locations import is_inside
from engines.registry import engine
from models.errors import CannotStart
from models.job import Job
from models.request import RestoreWish


@dataclass(frozen=True, slots=True)
class WayBack:
    """`copy` and `original` as they would be typed; their contents correspond.

    `only` is the one name below both where the job copies a single file ("" = everything there).
    """

    copy: str
    original: str
    only: bytes = b""


def way_back(job: Job) -> WayBack:
    """Where the job's copy is and where it came from. Looks at the disk, so it may block."""
    copy, original = engine(job.type).restored(job)
    place = copy.rstrip("/")
    if not place.startswith("/") or not os.path.isfile(place):
        return WayBack(copy, original)
    folder, name = os.path.split(place)
    above, own_name = os.path.split(original.rstrip("/"))
    if name != own_name:
        raise CannotStart(f"{place} is a single file under another name than it had. Copy it back by hand.")
    return WayBack(os.path.join(folder, ""), os.path.join(above, ""), os.fsencode(name))


def turned(job: Job, way: WayBack, target: str) -> Job:
    """The job that carries files of the copy to `target` ("" = where they came from), whatever was left out before."""
    settings = job.settings._replace(exclude=(), include=(), delete_source_after=False, unbuilt=())
    return job._replace(source=way.copy, dest=target or way.original, settings=settings)


def is_inside_copy(way: WayBack, target: str) -> bool:
    """Whether a typed target is the copy, or a folder of it, by name."""
    return target.startswith("/") and way.copy.startswith("/") and is_inside(target, way.copy)


def wish_to_json(wish: RestoreWish) -> bytes:
    """A wish as it is kept in the folder of its run; what is no UTF-8 in names travels as lone surrogates."""
    plain: dict[str, Any] = {name: getattr(wish, name) for name in RestoreWish.__dataclass_fields__}
    return json.dumps(plain | {"names": [os.fsdecode(name) for name in wish.names]}).encode()


def wish_from_json(text: bytes) -> RestoreWish:
    """The reverse of `wish_to_json`; ValueError, KeyError or TypeError on anything else."""
    record = json.loads(text)
    return RestoreWish(**{**record, "names": tuple(os.fsencode(name) for name in record["names"])})


def target_state(path: str) -> str:
    """`absent`, `empty` or `occupied`: whether a folder on this machine holds something."""
    try:
        with os.scandir(path) as found:
            return "occupied" if next(found, None) else "empty"
    except FileNotFoundError:
        return "absent"
    except OSError:
        return "occupied"  # a file, or a folder that cannot be looked into: the guard finds the words


def suggested_target(original: str, day: str) -> str:
    """A folder beside the original that is not there yet: `/srv/photos-restored-2026-11-21`.

    For an original on another machine: one in the home folder of who runs the server.
    """
    stem = original.rstrip("/") if original.startswith("/") else os.path.expanduser("~/" + _last_name(original))
    wanted = f"{stem or '/restored'}-restored-{day}"
    number, path = 1, wanted
    while os.path.lexists(path):
        number += 1
        path = f"{wanted}-{number}"
    return path


def _last_name(original: str) -> str:
    return original.rstrip("/").rpartition("/")[2].rpartition(":")[2] or "copy"

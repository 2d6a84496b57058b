"""Identifiers: how they are made and how one that came from outside is checked."""

import os
import re
from datetime import UTC, datetime

_RUN_ID = re.compile(r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{6}")
_JOB_ID = re.compile(r"[0-9a-zA-Z](?:[0-9a-zA-Z_.-]{0,62}[0-9a-zA-Z])?")


def new_job_id() -> str:
    """A random uuid (the module is imported here, because the supervisor has no use for it)."""
    import uuid

    return str(uuid.uuid4())


def new_run_id(moment: datetime) -> str:
    """An id that sorts by time: `20261121T070204123Z-a1b2c3`."""
    stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S") + f"{moment.microsecond // 1000:03}Z"
    return f"{stamp}-{os.urandom(3).hex()}"


def new_request_id() -> str:
    """A random word for one request, as it stands in the log and in its answer."""
    return os.urandom(8).hex()


def is_run_id(text: str) -> bool:
    return _RUN_ID.fullmatch(text) is not None


def is_job_id(text: str) -> bool:
    """Ours are uuid4; a hand-made one may be any short word that is safe as a file name."""
    return _JOB_ID.fullmatch(text) is not None and ".." not in text

"""Identifiers: how they are made and how one that came from outside is checked."""

import re
import secrets
import uuid
from datetime import UTC, datetime

_RUN_ID = re.compile(r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{6}")
_JOB_ID = re.compile(r"[0-9a-zA-Z](?:[0-9a-zA-Z_.-]{0,62}[0-9a-zA-Z])?")


def new_job_id() -> str:
    return str(uuid.uuid4())


def new_run_id(moment: datetime) -> str:
    """An id that sorts by time: `20261121T070204123Z-a1b2c3`."""
    stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S") + f"{moment.microsecond // 1000:03}Z"
    return f"{stamp}-{secrets.token_hex(3)}"


def is_run_id(text: str) -> bool:
    return _RUN_ID.fullmatch(text) is not None


def is_job_id(text: str) -> bool:
    """Ours are uuid4; a hand-made one may be any short word that is safe as a file name."""
    return _JOB_ID.fullmatch(text) is not None and ".." not in text

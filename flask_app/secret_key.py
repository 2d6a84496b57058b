"""The key that signs sessions: made once per data folder, the same for every process that uses it."""

import contextlib
import os
import secrets
from pathlib import Path


def secret_key(path: Path) -> str:
    """The key in `path`, made if there is none. Two processes that make it at once agree on one."""
    with contextlib.suppress(FileNotFoundError):
        if key := path.read_text().strip():
            return key
        path.unlink()  # an empty file: the disk was full when it was made
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text().strip()


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())

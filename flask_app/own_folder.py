"""Whose data folder a command works on: root's files in it could not be read by a server of another user."""

import os
import pwd
from pathlib import Path

from models.errors import AppError

SHARED = ("jobs.yaml", "settings.yaml", "logs")  # with the legacy app; everything else is ours alone
ROOT = 0


class WrongUser(AppError):
    """A command as root, in the folder of a server that is not root's."""

    code = "wrong_user"


def refuse_root_elsewhere(folder: Path) -> None:
    """Raise where root would be the first to write root's files there; a server of root's own has written some."""
    if os.geteuid() != ROOT:
        return
    try:
        owner = folder.stat().st_uid
        ours = [entry for entry in os.scandir(folder) if not entry.name.startswith(SHARED)]
        is_roots = owner == ROOT or any(entry.stat(follow_symlinks=False).st_uid == ROOT for entry in ours)
    except OSError:  # not there yet, or gone meanwhile: whoever uses it next says so
        return
    if not is_roots:
        name = _name(owner)
        raise WrongUser(
            f"The data folder {folder} belongs to {name}, and the server could not read what root writes there. "
            f"Run the command as that user: sudo -u {name} env BACKUP_MANAGER_DATA_DIR={folder} "
            f".venv/bin/flask --app flask_app …"
        )


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"

"""What a job's copy holds, folder by folder, wherever it is; names of files come and go as bytes."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import guard
from core.browse import FolderPage, checked, local_page, page_of, remote_entries
from core.definitions import Definitions
from core.host_keys import HostKeys
from core.tools import Tools
from core.turnaround import WayBack, target_state, turned, way_back
from engines.base import Context, Location, Tool
from engines.registry import engine
from models.errors import CannotStart, HostKeyUnknown
from models.job import Job
from models.settings import Config
from storage.data_folder import DataFolder

Offload = Callable[..., Any]


class Copies:
    """One per process. Disks are looked at through `offload`, because a dead mount blocks."""

    def __init__(
        self, folder: DataFolder, config: Callable[[], Config], tools: Tools, host_keys: HostKeys,
        definitions: Definitions, offload: Offload,
    ) -> None:  # fmt: skip
        self._folder, self._config, self._tools = folder, config, tools
        self._host_keys, self._definitions, self._offload = host_keys, definitions, offload

    def way_back(self, job: Job) -> WayBack:
        return self._offload(way_back, job)  # type: ignore[no-any-return]

    def place(self, job: Job, way: WayBack, target: str = "") -> tuple[Location, Location]:
        """The copy, and where a restore to `target` would write."""
        return engine(job.type).locations(turned(job, way, target))

    def state(self, path: str) -> str:
        """`absent`, `empty` or `occupied`."""
        return str(self._offload(target_state, path))

    def look(self, job: Job, folder: bytes, page: int, accept_identity: bool) -> FolderPage:
        """One page of a folder of the copy.

        `IdentityChanged` where the copy is not on the disk of the last good run, unless that is
        accepted: an unplugged disk must not look like an empty copy.
        """
        checked(folder)
        way = self.way_back(job)
        if not accept_identity:
            identity_file = self._folder.identity_file(job.id)
            self._offload(guard.check_copy, identity_file, *engine(job.type).locations(job), False)
        copy, _ = self.place(job, way)
        if copy.is_local:
            return self._offload(local_page, os.fsencode(copy.path), folder, page, way.only)  # type: ignore[no-any-return]
        self._refuse_unknown_host(job, copy)
        with kept_secret(self._folder.root, self._definitions.secret(job)) as password_file:
            entries = remote_entries(engine(job.type), job, folder, self._context(job, password_file))
        return page_of(folder, entries, page)

    def _context(self, job: Job, password_file: str) -> Context:
        return Context(
            tool=self._tool(job),
            known_hosts=str(self._folder.known_hosts),
            password_file=password_file,
            as_root=guard.as_root(),
            config_file=self._config().rclone_config,
            kind="restore",
        )

    def _tool(self, job: Job) -> Tool:
        state = self._tools.state(job.type)
        if state.tool is None:
            raise CannotStart(state.sentence)
        return state.tool

    def _refuse_unknown_host(self, job: Job, copy: Location) -> None:
        if copy.kind == "ssh" and not self._host_keys.known(copy.host, job.settings.ssh.port):
            raise HostKeyUnknown(f"The key of {copy.host} has not been accepted yet. Compare its fingerprint first.")


@contextmanager
def kept_secret(folder: Path, secret: str) -> Iterator[str]:
    """A file of ours that holds the secret for as long as a listing takes; "" where there is none."""
    if not secret:
        yield ""
        return
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".listing-") as file:
        file.write(secret.encode() + b"\n")
        file.flush()
        yield file.name

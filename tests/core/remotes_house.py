"""A container whose rclone and rclone.conf are a test's own; runs nothing by itself."""

import os
from pathlib import Path

from core.container import Container, build_container
from engines.remote_kinds import RemoteKind, kind_of
from models.job import Job, JobDraft
from tests import build
from tests.rclones import SYSTEM
from tests.remote_servers import obscured, revealed

__all__ = ["RemotesHouse", "kind_named", "obscured", "revealed"]


class RemotesHouse:
    """`config` is the rclone.conf; what a test writes there is what a person or rclone itself would."""

    def __init__(self, root: Path, program: str = SYSTEM) -> None:
        self.root, self.program = root, program
        self.folder = build.data_folder(root)
        self.config = root / "rclone" / "rclone.conf"
        self.folder.config_file.write_text(f"rclone: {program}\nrclone_config: {self.config}\n")
        os.chmod(self.folder.config_file, 0o600)
        self.parts: Container = build_container(self.folder.root)
        self.remotes, self.changes = self.parts.remotes, self.parts.remote_changes

    def write(self, content: str | bytes) -> None:
        self.config.parent.mkdir(exist_ok=True)
        self.config.write_bytes(content if isinstance(content, bytes) else content.encode())

    def draft(self, source: str, dest: str = "/srv/copy") -> JobDraft:
        return JobDraft("Cloud", "rclone", source, dest)

    def job(self, source: str) -> Job:
        """A job as somebody else left it in jobs.yaml."""
        return self.parts.jobs.create(build.job(name="Cloud", type="rclone", source=source, dest="/srv/copy"))


def kind_named(name: str) -> RemoteKind:
    found = kind_of(name)
    assert found is not None
    return found

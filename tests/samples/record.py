"""Records what a real rsync prints, case by case, as samples for the reader's tests; run it by hand, as root.

`python -m tests.samples.record /usr/bin/rsync` writes `tests/samples/rsync-<version>/<case>.out` and
`exits.json`. The command lines are the engine's own.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engines.base import Context, Tool
from engines.registry import engine
from models.job import Job, JobSettings
from tests.samples.servers import Servers

WORK = Path("/tmp/samples")
NAMES = (
    b"plain",
    b"new\nline",
    b"return\r100%",
    b"esc\x1b[31m",
    b"tab\there",
    b"bad\xff\xfe",
    "émoji 🙂".encode(),
    "right\u202eto left".encode(),
    b" lead",
    b"trail ",
    b"-dash",
    b"quo'te\"s",
    b"<script>alert(1)",
    b"a\\#012b",
    b"     264600000  62%  118.00MB",
    b"264600000 62% 118.00MB",
    b"x" * 255,
)


class Recorder:
    """Runs cases with one rsync and keeps their output and exit codes."""

    def __init__(self, program: str) -> None:
        self.engine = engine("rsync")
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        self.tool = Tool(program, self.engine.parse_version(answer))
        self.context = Context(self.tool)
        self.target = Path(__file__).parent / ("rsync-" + ".".join(map(str, self.tool.version)))
        self.exits: dict[str, int] = {}
        self.source, self.dest = WORK / "source", WORK / "dest"

    def fresh(self) -> None:
        """An empty work place."""
        shutil.rmtree(WORK, ignore_errors=True)
        self.source.mkdir(parents=True)
        self.dest.mkdir()
        WORK.chmod(0o755)

    def fill(self, count: int = 12, size: int = 300_000) -> None:
        for number in range(count):
            folder = self.source / f"folder {number % 3}"
            folder.mkdir(exist_ok=True)
            (folder / f"file {number:02}").write_bytes(os.urandom(size))

    def job(self, source: str = "", dest: str = "", **settings: object) -> Job:
        return Job(
            "sample",
            "Sample",
            source or f"{self.source}/",
            dest or str(self.dest),
            "rsync",
            settings=JobSettings()._replace(**settings),  # type: ignore[arg-type]
        )

    def record(
        self,
        case: str,
        job: Job | None = None,
        extra: tuple[str, ...] = (),
        user: str = "",
        during: Callable[["subprocess.Popen[bytes]"], None] | None = None,
        context: Context | None = None,
    ) -> None:
        """Run the engine's command for `job` and keep what it printed."""
        job = job or self.job()
        step = self.engine.steps(job, context or self.context)[0]
        argv = [step.argv[0], *extra, *step.argv[1:]]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **step.environment}
        self.target.mkdir(exist_ok=True)
        output = self.target / f"{case}.out"
        with output.open("wb") as file:
            tool = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment, user=user or None,
                group="nogroup" if user else None, extra_groups=[] if user else None, start_new_session=True,
            )  # fmt: skip
            if during is not None:
                during(tool)
            self.exits[case] = tool.wait(60)
        output.write_bytes(_without_pids(output.read_bytes()))

    def finish(self) -> None:
        (self.target / "exits.json").write_text(json.dumps(self.exits, indent=1, sort_keys=True) + "\n")
        shutil.rmtree(WORK, ignore_errors=True)


def _without_pids(output: bytes) -> bytes:
    return re.sub(rb"\(\d+\) \[(\w+)\]", rb"[\1]", output)


def _until_it_prints(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.01)


def copies(recorder: Recorder) -> None:
    """Runs that end well."""
    recorder.fresh()
    recorder.fill()
    recorder.record("first")
    recorder.record("unchanged")
    (recorder.source / "folder 1" / "file 01").write_bytes(os.urandom(900_000))
    recorder.record("one_changed")
    recorder.record("with_partial_files", context=recorder.context._replace(has_partial_files=True))
    recorder.record(
        "inc_recursive", recorder.job(dest=f"{WORK}/other"), context=recorder.context._replace(large_tree=True)
    )
    recorder.fresh()
    recorder.fill(3, 4_000_000)
    recorder.record("slow", context=recorder.context._replace(bandwidth_limit=6000))
    recorder.fresh()
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(recorder.source) + b"/" + name)).write_bytes(b"content")
    (recorder.source / "link").symlink_to("plain")
    os.mkfifo(recorder.source / "fifo")
    recorder.record("hostile_names", recorder.job(list_files=True))
    (recorder.source / "plain").chmod(0o600)
    recorder.record("attributes", recorder.job(list_files=True))
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(recorder.source) + b"/" + name)).unlink()
    recorder.record("deletions", recorder.job(list_files=True), extra=("--delete",))
    recorder.fresh()
    recorder.record("empty")
    for number in range(1200):
        folder = recorder.source / f"{number // 20:03}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number:04}").write_bytes(os.urandom(500))
    recorder.record(
        "many_folders", recorder.job(dest=f"{WORK}/other"), context=recorder.context._replace(large_tree=True)
    )


def local_errors(recorder: Recorder) -> None:
    """Runs that end badly on this machine."""
    recorder.fresh()
    recorder.fill()
    recorder.source.joinpath("folder 0").chmod(0)
    recorder.source.joinpath("folder 1", "file 01").chmod(0)
    recorder.dest.chmod(0o777)
    os.mknod(recorder.source / "device", 0o600 | 0o020000, os.makedev(1, 3))
    recorder.record("unreadable", user="nobody")
    recorder.fresh()
    recorder.fill()
    recorder.dest.chmod(0o755)
    recorder.record("dest_not_writable", user="nobody")
    recorder.record("dest_not_creatable", recorder.job(dest=f"{recorder.dest}/new/folder"), user="nobody")
    recorder.record("source_missing", recorder.job(source=f"{WORK}/nothing/"))
    (WORK / "file").write_text("")
    recorder.record("dest_is_a_file", recorder.job(dest=f"{WORK}/file"))
    recorder.record("usage", extra=("--no-such-option",))
    (recorder.source / "folder 2" / "zz gone").write_text("soon")

    def vanish(_: "subprocess.Popen[bytes]") -> None:
        _until_it_prints(recorder.target / "vanished.out")
        (recorder.source / "folder 2" / "zz gone").unlink()

    def stop(tool: "subprocess.Popen[bytes]") -> None:
        _until_it_prints(recorder.target / "stopped.out")
        tool.send_signal(signal.SIGTERM)

    recorder.record(
        "vanished",
        recorder.job(dest=f"{WORK}/other"),
        during=vanish,
        context=recorder.context._replace(bandwidth_limit=2000),
    )
    recorder.record(
        "stopped",
        recorder.job(dest=f"{WORK}/third"),
        during=stop,
        context=recorder.context._replace(bandwidth_limit=1000),
    )
    _mounts(recorder)


def _mounts(recorder: Recorder) -> None:
    for case, options in (("full", "size=1m"), ("read_only", "ro")):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", recorder.dest], check=True)
        try:
            recorder.record(case)
        finally:
            subprocess.run(["umount", recorder.dest], check=True)


def remote(recorder: Recorder, servers: Servers) -> None:
    """Runs with an ssh server and an rsync daemon of our own."""
    recorder.fresh()
    recorder.fill(3)
    servers.start()
    _ssh_cases(recorder, servers)
    for case, dest, password in servers.daemon_cases():
        recorder.record(case, recorder.job(dest=dest), context=recorder.context._replace(password_file=password))


def _ssh_cases(recorder: Recorder, servers: Servers) -> None:
    known = recorder.context._replace(known_hosts=str(servers.known_hosts))
    good, there = servers.access, f"127.0.0.1:{recorder.dest}/ssh"
    job = recorder.job(dest=there, ssh=good)
    back = recorder.job(f"127.0.0.1:{recorder.source}/", f"{recorder.dest}/pull", ssh=good)
    recorder.record("ssh_push", job, context=known)
    recorder.record("ssh_pull", back, context=known)
    recorder.record("ssh_unknown_host", job, context=known._replace(known_hosts="/dev/null"))
    recorder.record("ssh_changed_host", job, context=known._replace(known_hosts=str(servers.wrong_known_hosts)))
    for case, access in (
        ("ssh_no_key", good._replace(key="/tmp/samples/no")),
        ("ssh_wrong_key", good._replace(key=str(servers.other_key))),
        ("ssh_refused", good._replace(port=9)),
    ):
        recorder.record(case, recorder.job(dest=there, ssh=access), context=known)
    recorder.record("ssh_unknown_name", job._replace(dest="no-such-host.invalid:/x"), context=known)
    recorder.record("ssh_no_rsync", job, extra=("--rsync-path=no-such-rsync",), context=known)
    recorder.record("ssh_source_missing", recorder.job(f"127.0.0.1:{WORK}/no", ssh=good), context=known)


def main() -> None:
    recorder = Recorder(sys.argv[1])
    servers = Servers(Path("/tmp/samples-servers"))
    try:
        copies(recorder)
        local_errors(recorder)
        remote(recorder, servers)
    finally:
        servers.stop()
        recorder.finish()


if __name__ == "__main__":
    main()

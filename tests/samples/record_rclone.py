"""Records what a real rclone prints, case by case, as samples for the reader's tests; run it by hand, as root.

`python -m tests.samples.record_rclone system` (or `current`) writes `tests/samples/rclone-<version>/<case>.out`
and `exits.json`. The command lines are the engine's own.
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
from typing import Any

from engines.base import Context, Step
from engines.registry import engine
from models.job import Job, JobSettings
from tests.rclones import Peer, obscured, tool, write_remotes

WORK = Path("/tmp/samples")
NAMES = (
    b"plain",
    b"new\nline",
    b"x\n= plain",
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
    b'"stats":{"bytes":1}',
    b"<script>alert(1)",
    b"a\\nb",
    "␊picture".encode(),
    b"= plain",
    b"27 matching files",
    b"x" * 255,
)
# One remote, encrypted with the password "geheim".
ENCRYPTED = (
    "# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\n"
    "5y78oGUy54awvt5WK57GgGHKGwEJW+YFKEjUSfBCq+RmD1SSN3puk7SujTq/bvFZkYrkfLy3k6G7AJdAe6uf"
)
During = Callable[["subprocess.Popen[bytes]", Path], None]


class Recorder:
    """Runs cases with one rclone and keeps their output and exit codes."""

    def __init__(self, which: str) -> None:
        self.engine = engine("rclone")
        self.tool = tool(which)
        self.target = Path(__file__).parent / ("rclone-" + ".".join(map(str, self.tool.version)))
        self.exits: dict[str, int] = {}
        self.source, self.dest = WORK / "source", WORK / "dest"
        self.remotes = WORK.with_name("samples.conf")
        self.context = Context(self.tool, config_file=str(self.remotes))

    def fresh(self) -> None:
        shutil.rmtree(WORK, ignore_errors=True)
        self.source.mkdir(parents=True)
        self.dest.mkdir()
        WORK.chmod(0o755)

    def fill(self, count: int = 12, size: int = 300_000) -> None:
        for number in range(count):
            folder = self.source / f"folder {number % 3}"
            folder.mkdir(exist_ok=True)
            (folder / f"file {number:02}").write_bytes(os.urandom(size))

    def hostile(self, place: Path) -> None:
        for name in NAMES:
            Path(os.fsdecode(os.fsencode(place) + b"/" + name)).write_bytes(b"content of " + name[:9])

    def job(self, source: str = "", dest: str = "", **settings: Any) -> Job:
        ends = source or str(self.source), dest or str(self.dest)
        return Job("sample", "Sample", *ends, "rclone", settings=JobSettings()._replace(**settings))

    def record(self, case: str, job: Job | None = None, during: During | None = None, **changes: Any) -> None:
        """The first step of a run; `step` chooses another one, `user` runs it as that user, `extra` adds words."""
        job, user, extra = job or self.job(), changes.pop("user", None), changes.pop("extra", ())
        number, made = changes.pop("number", 0), changes.pop("step", None)
        context = self.context._replace(**changes)
        step: Step = made or self.engine.steps(job, context)[number]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", **step.environment}
        self.target.mkdir(exist_ok=True)
        output = self.target / f"{case}.out"
        with output.open("wb") as file:
            running = subprocess.Popen(
                [*step.argv[:1], *step.argv[1:2], *extra, *step.argv[2:]], stdin=subprocess.DEVNULL, stdout=file,
                stderr=file, env=environment, user=user, group="nogroup" if user else None,
                extra_groups=[] if user else None, start_new_session=True, cwd="/",
            )  # fmt: skip
            if during is not None:
                during(running, output)
            self.exits[case] = running.wait(90)
        printed = output.read_bytes().replace(os.fsencode(step.argv[0]), b"/usr/bin/rclone")
        output.write_bytes(re.sub(rb"127\.0\.0\.1:\d+", b"127.0.0.1:8080", printed))

    def finish(self) -> None:
        (self.target / "exits.json").write_text(json.dumps(self.exits, indent=1, sort_keys=True) + "\n")
        shutil.rmtree(WORK, ignore_errors=True)
        self.remotes.unlink(missing_ok=True)


def until_it_prints(output: Path, word: bytes, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while word not in output.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.01)


def copies(recorder: Recorder) -> None:
    """Runs that end well, on this machine."""
    recorder.fresh()
    recorder.fill()
    (recorder.source / "link").symlink_to("folder 1")
    os.mkfifo(recorder.source / "fifo")
    (recorder.source / "nothing here").mkdir()
    recorder.record("preview_new", kind="preview")
    recorder.record("first", verify="verify_after")
    recorder.record("verify_same", verify="verify_after", number=1)
    recorder.record("unchanged")
    flipped = recorder.dest / "folder 2" / "file 02"
    times = flipped.stat()
    flipped.write_bytes(b"\0" + flipped.read_bytes()[1:])
    os.utime(flipped, ns=(times.st_atime_ns, times.st_mtime_ns))
    (recorder.source / "folder 1" / "file 01").write_bytes(os.urandom(900_000))
    (recorder.dest / "folder 0" / "file 00").unlink()
    recorder.record("verify_different", kind="verify")
    recorder.record("preview_changed", kind="preview")
    recorder.record("preview_checksum", kind="preview", verify="checksum")
    recorder.record("checksum", verify="checksum")
    recorder.fresh()
    recorder.fill(3, 4_000_000)
    recorder.record("slow", bandwidth_limit=6000)
    recorder.fresh()
    recorder.hostile(recorder.source)
    recorder.record("hostile_names", recorder.job(list_files=True))
    recorder.record("hostile_verify", kind="verify")
    recorder.record("hostile_preview", recorder.job(dest=f"{WORK}/other"), kind="preview")
    (WORK / "empty").mkdir()
    recorder.record("empty", recorder.job(str(WORK / "empty"), f"{WORK}/x"))
    recorder.record("verify_empty", recorder.job(str(WORK / "empty"), str(recorder.dest)), kind="verify")


def local_errors(recorder: Recorder) -> None:
    """Runs that end badly on this machine."""
    recorder.fresh()
    recorder.fill()
    shutil.copytree(recorder.source, recorder.dest, dirs_exist_ok=True)
    recorder.source.joinpath("folder 0").chmod(0)
    recorder.source.joinpath("folder 1", "file 01").chmod(0)
    recorder.record("verify_unreadable", kind="verify", user="nobody")
    (WORK / "for nobody").mkdir()
    (WORK / "for nobody").chmod(0o777)
    recorder.record("unreadable", recorder.job(dest=f"{WORK}/for nobody/x"), user="nobody")
    recorder.fresh()
    recorder.fill()
    recorder.record("dest_not_writable", user="nobody")
    recorder.record("source_missing", recorder.job(f"{WORK}/nothing"))
    recorder.record("verify_missing_dest", recorder.job(dest=f"{WORK}/nothing"), kind="verify")
    recorder.record("usage", extra=("--no-such-option",))
    recorder.record("bad_pattern", recorder.job(exclude=("{a",)))
    recorder.fresh()
    recorder.fill(3, 4_000_000)

    def stop(running: "subprocess.Popen[bytes]", output: Path) -> None:
        until_it_prints(output, b'"transferring"')
        running.send_signal(signal.SIGTERM)

    recorder.record("stopped", during=stop, bandwidth_limit=1000)
    recorder.fresh()
    recorder.fill(2, 3_000_000)
    grown = recorder.source / "folder 0" / "file 00"

    def grow(_: object, output: Path) -> None:
        until_it_prints(output, b'"transferring"')
        with grown.open("ab") as file:
            file.write(b"more")

    recorder.record("changed_meanwhile", during=grow, bandwidth_limit=2000)
    for case, options in (("full", "size=1m"), ("read_only", "ro")):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", recorder.dest], check=True)
        try:
            recorder.record(case)
        finally:
            subprocess.run(["umount", recorder.dest], check=True)


def remote(recorder: Recorder) -> None:
    """Copies to and from servers of our own, and what goes wrong with them."""
    recorder.fresh()
    recorder.fill(6)
    peers = {kind: Peer(kind, WORK / kind) for kind in ("webdav", "sftp", "s3")}
    sections = [peer.section(kind) for kind, peer in peers.items()]
    crypt = f"[crypt]\ntype = crypt\nremote = {WORK}/crypt\npassword = {obscured('pw')}\n"
    wrong = re.sub("pass = .*", f"pass = {obscured('another one')}", peers["sftp"].section("wrong"))
    write_remotes(recorder.remotes, *sections, crypt, wrong)
    for kind, peer in peers.items():
        with peer:
            job = recorder.job(dest=f"{kind}:{peer.root}photos")
            recorder.record(f"{kind}_copy", job)
            recorder.record(f"{kind}_verify", job, kind="verify")
            if kind != "webdav":
                _deletion(recorder, kind, peer)
                continue
            found = recorder.engine.followup(
                recorder.engine.steps(job, recorder.context._replace(kind="verify"))[0], job, recorder.context,
                (_open(),),
            )  # fmt: skip
            recorder.record("webdav_download", job, step=found)
            recorder.record("webdav_wrong_dest", recorder.job(f"{kind}:no such folder"))
            _lost(recorder, peer)
    recorder.record("webdav_refused", recorder.job(dest="webdav:photos"))
    recorder.record("sftp_refused", recorder.job(dest="sftp:photos"))
    recorder.record("s3_refused", recorder.job(dest="s3:data/photos"))
    with peers["sftp"]:
        recorder.record("sftp_wrong_password", recorder.job(dest="wrong:photos"))
    recorder.record("crypt_copy", recorder.job(dest="crypt:x"))
    recorder.record("crypt_verify", recorder.job(dest="crypt:x"), kind="verify")
    recorder.record("unknown_remote", recorder.job(dest="nobody:x"))
    write_remotes(recorder.remotes, ENCRYPTED)
    password = WORK / "the password"
    password.write_text("wrong\n")
    recorder.record("config_locked", recorder.job(dest="webdav:x"))
    recorder.record("config_wrong_password", recorder.job(dest="webdav:x"), password_file=str(password))


def _open() -> Any:
    from models.findings import Tally

    return Tally("unproven", 1)


def _deletion(recorder: Recorder, kind: str, peer: Peer) -> None:
    """The remote is the source: one file changed there, one is gone at the copy, one is not chosen."""
    job = recorder.job(f"{kind}:{peer.root}photos", str(WORK / f"back {kind}"))
    recorder.record(f"{kind}_back", job)
    place = peer.place / "photos"
    (place / "folder 0" / "file 00").write_bytes(os.urandom(300_000))
    names = [f"folder {number % 3}/file {number:02}".encode() for number in range(5)]
    chosen = WORK / f"chosen {kind}"
    chosen.write_bytes(b"".join(recorder.engine.selection(names, exact=True)))
    step = recorder.engine.deletion_step(job, recorder.context._replace(selection=str(chosen)))
    recorder.record(f"{kind}_delete", job, step=step)


def _lost(recorder: Recorder, peer: Peer) -> None:
    """The server dies in mid-transfer; rclone is stopped as the supervisor would, when it has failed for a while."""

    def kill(running: "subprocess.Popen[bytes]", output: Path) -> None:
        until_it_prints(output, b'"transferring"')
        peer.kill()
        until_it_prints(output, b"Failed to copy", 60)
        running.send_signal(signal.SIGTERM)

    recorder.record("webdav_lost", recorder.job(dest="webdav:again"), during=kill, bandwidth_limit=500)


def main() -> None:
    recorder = Recorder(sys.argv[1])
    try:
        for part in (copies, local_errors, remote):
            part(recorder)
    finally:
        recorder.finish()


if __name__ == "__main__":
    main()

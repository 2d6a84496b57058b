"""Reads what rsync says about single files, copied, compared, previewed or deleted; it judges no run."""

import os
import re
from typing import NamedTuple

from engines.base import Location, Notice
from engines.locations import normal_path
from engines.rsync_command import END_MARK, FILE_MARK
from engines.rsync_notices import TROUBLE, Trouble, leaves_out_unnamed, read_notice, read_trouble, shown, unescaped
from engines.rsync_output import RsyncReader
from engines.rsync_problems import name_made, take_apart
from models.findings import Finding, What
from models.job import Job
from models.progress import Progress

_MARK, _END = FILE_MARK.encode(), END_MARK.encode()
# Two patterns and no optional part: a name may begin with what looks like a checksum.
_START = re.escape(_MARK) + rb"(?P<how>[<>ch.])(?P<kind>[fdLDS])(?P<differences>[^|]{9,10})\|(?P<size>[0-9]+)\|"
_END_OF_ITEM = rb"(?P<name>.*)" + re.escape(_END)
_PLAIN_ITEM = re.compile(_START + rb"(?P<checksum>)" + _END_OF_ITEM)
_COMPARED_ITEM = re.compile(_START + rb"(?P<checksum>[0-9a-f]+| *)\|" + _END_OF_ITEM)
_COUNTED = re.compile(rb"Number of files: [0-9,.]+(?: \((?:reg: (?P<regular>[0-9,.]+))?.*\))?")
_VANISHED = re.compile(rb'file has vanished: "(?P<name>.*)"(?: \(in .*\))?')
_REMOVED = re.compile(rb"sender removed (?P<name>.*)")
# What deletion_step makes of a file that would have to be copied first; its folder is not told.
_NO_PLACE = re.compile(
    rb'rsync: (?:\[\w+\] )?mkstemp "/proc/\.?(?P<name>.*)\.[A-Za-z0-9]{6}" (?:\(in .*\) )?failed: .*'
)
_MOST_NAMELESS = 1000


class Item(NamedTuple):
    """One line about one file. `how` is `<` or `>` where its content would be or was copied, `c` where it is made.

    `kind` is f, d, L, D or S; `differences` are rsync's `cstpoguax`, all `+` where there is nothing
    yet and all blank where nothing differs. `checksum` is all zeros where the sender could not read the file.
    """

    how: bytes
    kind: bytes
    differences: bytes
    size: int
    checksum: bytes
    name: bytes

    @property
    def is_new(self) -> bool:
        return self.differences.startswith(b"+")

    @property
    def is_copied(self) -> bool:
        return self.how in (b"<", b">")

    @property
    def was_read(self) -> bool:
        return bool(self.checksum.strip(b" 0"))


class ItemReader(RsyncReader):
    """What all readers of items have in common: exact names below the job's root, findings handed over once."""

    _pattern = _PLAIN_ITEM

    def __init__(self, job: Job, settled_bytes: int = 0, expected_bytes: int | None = None) -> None:
        super().__init__(settled_bytes, expected_bytes)
        source, dest = take_apart(job)
        made = name_made(source)
        self._made = f"{made}/".encode() if made else b""
        self._roots = sorted((_root(side) for side in (source, dest)), key=len, reverse=True)
        self._found: list[Finding] = []

    def findings(self) -> tuple[Finding, ...]:
        found, self._found = tuple(self._found), []
        return found

    def _item(self, line: bytes) -> Item | None:
        """A line that was cut off, or that another program wrote into, is none."""
        found = self._pattern.fullmatch(line) if line.startswith(_MARK) else None
        if found is None:
            return None
        name = self._below(unescaped(found["name"]))
        return Item(found["how"], found["kind"], found["differences"], int(found["size"]), found["checksum"],
                    name.rstrip(b"/"))  # fmt: skip

    def _below(self, name: bytes) -> bytes:
        """Without the folder that rsync makes where the source has no closing slash."""
        return name.removeprefix(self._made)

    def _find(self, what: What, item: Item) -> None:
        if item.name not in (b"", b"."):
            self._found.append(Finding(what, item.name, item.size if item.kind == b"f" else None))

    def _relative(self, path: bytes) -> bytes:
        """The path of a message as a name below the job's root, as far as that can be told."""
        for root in self._roots:
            if path.startswith(root):
                return self._below(path.removeprefix(root))
        return self._below(path)


def _root(side: Location) -> bytes:
    """How messages name the root of a side: clean, and at a daemon as if its module were the whole disk."""
    path = "/" + side.path.partition("/")[2] if side.kind == "daemon" else side.path
    return os.fsencode(normal_path(path).rstrip("/") + "/")


class TransferReader(ItemReader):
    """A copy. `changed` are files of the same size and time and another content: rot, or a time put back.

    `failed` are those that were not copied, `unnamed` stands for those whose names are not told, `unset` are those
    without their owner, rights or times.
    """

    def __init__(self, job: Job, settled_bytes: int = 0, expected_bytes: int | None = None) -> None:
        super().__init__(job, settled_bytes, expected_bytes)
        self._lists_files = job.settings.list_files

    def notice(self, line: bytes) -> Notice | None:
        if not line.startswith(_MARK):
            return super().notice(line)
        item = self._item(line)
        if item and item.kind == b"f" and item.is_copied and item.differences.startswith(b"c.."):
            self._find("changed", item)
        elif item and self._lists_files and item.kind != b"d" and item.how != b".":
            self._find("copied", item)
        if item is None or self._lists_files:
            return read_notice(line.removesuffix(_END))
        return None

    def _read(self, line: bytes) -> Notice:
        if trouble := read_trouble(line):
            self._left_out(trouble)
        elif leaves_out_unnamed(line):
            self._found.append(Finding("unnamed", b""))
        return super()._read(line)

    def _left_out(self, trouble: Trouble) -> None:
        """Of one file there may be several messages in a row."""
        name = trouble.path if trouble.is_cut else self._relative(trouble.path)
        finding = Finding("unset" if trouble.only_attributes else "failed", name + b"/" * trouble.is_folder)
        if finding not in self._found[-1:]:
            self._found.append(finding)


class ComparisonReader(ItemReader):
    """A comparison by content: a finding for every regular file, and for whatever else is missing or differs.

    A file that rsync has in its list and says nothing about is unproven, by name where a message has one.
    """

    _pattern = _COMPARED_ITEM

    def __init__(self, job: Job, settled_bytes: int = 0, expected_bytes: int | None = None) -> None:
        super().__init__(job, settled_bytes, expected_bytes)
        self._expected_bytes = expected_bytes
        self._items = self._regular = self._bytes = self._troubles = 0

    def progress(self, line: bytes) -> Progress | None:
        item = self._item(line)
        if item is None:
            return None
        self._items += 1
        if item.kind == b"f":
            self._regular += 1
            self._bytes += item.size
        if what := _compared(item):
            self._find(what, item)
        return self._so_far()

    def notice(self, line: bytes) -> Notice | None:
        if line.startswith(_MARK) and self._item(line):
            return None
        if counted := _COUNTED.fullmatch(line):
            self._miss(int(re.sub(rb"[,.]", b"", counted["regular"] or b"0")) - self._regular)
        elif vanished := _VANISHED.fullmatch(line):
            self._name("meanwhile", vanished["name"])
        elif trouble := TROUBLE.fullmatch(line):
            self._name("unproven", trouble["name"])
        return super().notice(line)

    def _name(self, what: What, path: bytes) -> None:
        self._troubles += 1
        self._found.append(Finding(what, self._relative(unescaped(path))))

    def _miss(self, count: int) -> None:
        nameless = min(max(0, count - self._troubles), _MOST_NAMELESS)
        self._found += [Finding("unproven", b"")] * nameless

    def _so_far(self) -> Progress:
        total = self._expected_bytes
        percent = min(99.9, int(1000 * self._bytes / total) / 10) if total else None
        return Progress(self._bytes, total, percent, files_done=self._items)


def _compared(item: Item) -> What | None:
    """Regular files are compared by content, links by target; of folders and special files only being there counts."""
    if item.is_new:
        return "missing"
    if item.kind != b"f":
        return "mismatch" if item.how == b"c" else None
    if not item.was_read:
        return "unproven"
    if item.is_copied or item.differences[:1] == b"c" or item.differences[1:2] == b"s":
        return "mismatch"
    return "attributes" if item.differences.strip() else "verified"


class PreviewReader(ItemReader):
    """What a copy would do: `new`, `changed`, and `attributes` of regular files. Folders are no news."""

    def notice(self, line: bytes) -> Notice | None:
        item = self._item(line)
        if item is None:
            return super().notice(line)
        if item.kind != b"d":
            if item.how != b".":
                self._find("new" if item.is_new else "changed", item)
            elif item.kind == b"f":
                self._find("attributes", item)
        return None


class DeletionReader(ItemReader):
    """A deletion at the source by rsync: the figures count what is gone, the notices name it."""

    def __init__(self, job: Job, settled_bytes: int = 0, expected_bytes: int | None = None) -> None:
        super().__init__(job, settled_bytes, expected_bytes)
        self._removed = 0

    def progress(self, line: bytes) -> Progress | None:
        if not _REMOVED.fullmatch(line):
            return None
        self._removed += 1
        return Progress(files_done=self._removed)

    def notice(self, line: bytes) -> Notice | None:
        if kept := _NO_PLACE.fullmatch(line):
            return Notice("warn", f"Not what was compared any more, so it stays at the source: {shown(kept['name'])}")
        removed = _REMOVED.fullmatch(line)
        if removed is None:
            return super().notice(line)
        name = shown(removed["name"])
        self._found.append(Finding("deleted", unescaped(removed["name"])))
        return Notice("delete", f"Deleted at the source: {name}", deleted_file=name)

"""Remotes of rclone.conf and the folders in them that a source or destination may be chosen from; changes nothing."""

from core.asking import Asking, answer
from core.browse import CannotBrowse
from core.folder_views import Look, Row
from core.places import ROWS
from core.process import Captured
from core.remotes import Remote, Remotes, RemotesUnreadable
from engines import remote_words
from engines.base import Entry, Location
from engines.registry import engine
from engines.remote_kinds import ENGINE
from models.errors import InvalidInput
from models.job import Job
from utils.text import visible

_SECONDS = 30.0


class NoSuchFolder(CannotBrowse):
    """The remote answers, and has no such folder."""

    code = "no_such_folder"


class RemotePlaces:
    """One per process. A remote is asked by its engine's tool, within that tool's time."""

    engine = ENGINE

    def __init__(self, remotes: Remotes, asking: Asking) -> None:
        self._remotes, self._asking = remotes, asking

    def all(self) -> tuple[Remote, ...]:
        """Those a job can name; none where the file cannot be read."""
        try:
            return tuple(remote for remote in self._remotes.all() if remote.is_usable)
        except RemotesUnreadable:
            return ()

    def look(self, place: str, page: int = 1, find: str = "", or_above: bool = False) -> Look:
        """A page of the folders in `remote:path`, or with `or_above` in the remote if there is no such folder.

        `InvalidInput` for what names no remote, `CannotBrowse` in words.
        """
        job = Job("", "", "/", place, ENGINE)
        _, side = engine(ENGINE).locations(job)
        if sentence := self._remotes.absent(side) or ("" if side.kind == "remote" else "This is no remote."):
            raise InvalidInput({"paths": sentence})
        try:
            return _page(place, *self._entries(job, side), page, find)
        except NoSuchFolder:
            if not or_above or not side.path:
                raise
            return self.look(f"{side.host}:", page, find)

    def _entries(self, job: Job, side: Location) -> tuple[tuple[Entry, ...], bool]:
        """What is in the folder, and whether there is more."""
        chosen = engine(ENGINE)
        with self._asking.context(job, side) as context:
            step = chosen.listing_step(job, b"", context)
            said = answer(step, _SECONDS) if step else Captured(1, b"")
        if said.timed_out:
            raise CannotBrowse(f"{side.host}: did not answer within {round(_SECONDS)} s. Try again a little later.")
        if said.is_cut:
            return chosen.listing(said.output[: said.output.rfind(b"\n") + 1]), True
        if said.exit_code == 0:
            return chosen.listing(said.output), False
        section = self._remotes.section(side.host)
        found = remote_words.trouble(side.host, section, (said.errors or said.output).decode(errors="replace"))
        if found.code == "not_found":
            raise NoSuchFolder(f"There is no folder {visible(job.dest)}. The first run makes it, if you type it.")
        raise CannotBrowse(f"{side.host}: cannot be looked into. {found.sentence}")


def _page(place: str, entries: tuple[Entry, ...], is_cut: bool, page: int, find: str) -> Look:
    folders = [Row(entry.name) for entry in entries if entry.is_folder]
    found = [row for row in folders if find.casefold() in row.name.decode(errors="replace").casefold()]
    found.sort(key=lambda row: (row.name.startswith(b"."), row.name.lower(), row.name))
    pages = max(1, -(-len(found) // ROWS))
    page = min(max(1, page), pages)
    return Look(
        place.encode(),
        tuple(found[(page - 1) * ROWS : page * ROWS]),
        len(found),
        page,
        pages,
        len(entries) - len(folders),
        is_cut,
        above=_above(place),
    )


def _above(place: str) -> bytes:
    name, _, path = place.partition(":")
    path = path.rstrip("/")
    return f"{name}:{path.rpartition('/')[0]}".encode() if path else b""

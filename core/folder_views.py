"""What is shown of folders and disks that may be chosen: values only; `places` and `remote_places` find them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """A disk: where it is mounted (bytes as surrogates), and its bytes. `is_distant`: over the network."""

    mount: str
    free: int
    total: int
    is_distant: bool = False

    @property
    def used_percent(self) -> int:
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class Row:
    """A folder in the folder that is shown."""

    name: bytes
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Some of the folders in `place`. `count` counts all that were found, `others` what is no folder.

    `is_cut`: it has more entries than were looked at. `above` is where the way up leads ("" = to the start).
    """

    place: bytes
    rows: tuple[Row, ...]
    count: int
    page: int
    pages: int
    others: int = 0
    is_cut: bool = False
    above: bytes = b""
    room: Room | None = None

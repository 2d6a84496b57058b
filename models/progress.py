"""How far a run is: numbers and nothing else; words are made by whoever shows them."""

from typing import Any, NamedTuple


class Progress(NamedTuple):
    """Numbers of a run. `None` means unknown.

    Bytes count what is at the destination because of this run and, after a resume, what was
    there already; `percent` (0..100) follows them and never falls within a run.
    `files_done` and `files_total` count entries the tool has dealt with; a `total_bytes` without a
    `files_total` is a guess, for example of an earlier run. Speed is bytes per
    second, `eta_seconds` whole seconds.
    """

    bytes_transferred: int = 0
    total_bytes: int | None = None
    percent: float | None = None
    speed_bytes: int = 0
    eta_seconds: int | None = None
    files_done: int = 0
    files_total: int | None = None
    current_file: str = ""

    def advance(self, newer: "Progress") -> "Progress":
        """`newer`, but with no figure below what was already shown."""
        percent = newer.percent
        if self.percent is not None:
            percent = max(self.percent, percent or 0.0)
        return newer._replace(
            bytes_transferred=max(self.bytes_transferred, newer.bytes_transferred),
            files_done=max(self.files_done, newer.files_done),
            percent=percent,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain figures under the names of the public contract."""
        return {name: getattr(self, name) for name in FIGURES}

    @classmethod
    def from_json(cls, figures: dict[str, Any]) -> "Progress":
        """The reverse of `to_json`; unknown names are ignored."""
        return cls(**{name: figures[name] for name in FIGURES if name in figures})


FIGURES = Progress._fields

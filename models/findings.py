"""What a run found out about single files, and what followed from it: numbers and names, no words."""

from typing import Any, Literal, NamedTuple

What = Literal[
    "new", "changed", "newer", "extra", "attributes", "verified", "mismatch", "missing", "unproven", "meanwhile",
    "kept", "left", "failed", "unnamed", "unset", "copied", "deleted",
]  # fmt: skip
# Whose content is the same on both sides.
PROVEN: tuple[What, ...] = ("verified", "attributes")
# What keeps a verification from being passed.
UNPROVEN: tuple[What, ...] = ("mismatch", "missing", "unproven")


class Finding(NamedTuple):
    """One file of a run. `name` is its exact path below the job's root, in bytes; `size` is in bytes (None = unknown).

    `new` and `changed`: would be, or was, copied (there was none; there was another one). `newer`: a
    `changed` one of a restore's preview that was changed after the copy's. `extra`:
    at the destination alone. `attributes`: the content is the same, owner, rights or times differ.
    `verified`: the contents were compared and are the same. `mismatch`: they differ. `missing`:
    not at the destination. `unproven`: could not be compared. `meanwhile`: differs because the
    source changed during the run. `kept`: was to be deleted at the source and was not. `left`: another version
    was where a restore would have put its own, and was not to be replaced. `failed`: could not be copied; the name
    of a folder, with all it holds, ends with a slash, and one outside the job's root is a whole path. `unnamed`:
    something was not copied, and the tool does not say what; counted and not listed. `unset`: copied, but for owner,
    rights or times. `copied`: was copied, of runs that were asked for a list. `deleted`: is gone from
    the source, its copy being proven.
    """

    what: What
    name: bytes
    size: int | None = None


class Tally(NamedTuple):
    """How many files of a run were found to be `what`, and their bytes as far as known."""

    what: What
    files: int = 0
    bytes: int = 0


class Verification(NamedTuple):
    """How the copy was compared with its source.

    `passed` is None until the comparison ended by itself; True only if every file was compared
    by content and none of them was found wanting. `mode` is `checksum` or `download`.
    """

    mode: str
    files_checked: int = 0
    bytes_checked: int = 0
    mismatches: int = 0
    missing: int = 0
    unproven: int = 0
    passed: bool | None = None


class Deletion(NamedTuple):
    """What became of the source's files after a proven copy.

    `phase` is `waiting` (the copy is not proven yet), `deleting`, `completed`, `refused` or
    `skipped`; `reason` is a sentence for the last two. A run that was stopped ends `waiting` or `deleting`.
    """

    mode: str
    phase: str = "waiting"
    files_total: int = 0
    files_deleted: int = 0
    bytes_deleted: int = 0
    files_kept: int = 0
    reason: str = ""


def verification_of(record: dict[str, Any] | None) -> Verification | None:
    return Verification(**record) if record else None


def deletion_of(record: dict[str, Any] | None) -> Deletion | None:
    return Deletion(**record) if record else None


def tallies_of(records: Any) -> tuple[Tally, ...]:
    return tuple(Tally(**record) for record in records or ())

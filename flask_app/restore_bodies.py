"""What the API's calls for the way back take and give; parsing in general is in flask_app/schemas.py."""

from os import fsdecode, fsencode
from typing import Any

from pydantic import Field

from core.browse import FolderPage
from flask_app.schemas import TEXT, Strict, Text
from flask_app.utils.names import name_of, token_of
from models.errors import InvalidInput
from models.request import RestoreWish

MOST_NAMES = 10_000


class RestoreBody(Strict):
    """`paths` are relative to the copy; none, and no `tokens` as `browse` gives them, means all of it.

    `target` "" is where the files came from. `preview` asks only what would be replaced; its run's
    id is `previewed` where `overwrite` is true. `merge`: the target may hold files already.
    """

    paths: list[str] = Field(default=[], max_length=MOST_NAMES)
    tokens: list[str] = Field(default=[], max_length=MOST_NAMES)
    target: str = Text
    overwrite: bool = False
    previewed: str = Field(default="", max_length=100)
    merge: bool = False
    preview: bool = False
    accept_identity: bool = False

    def wish(self) -> RestoreWish:
        if any(len(path) > TEXT for path in self.paths):
            raise InvalidInput({"paths": f"One of these is too long: at most {TEXT} characters are allowed."})
        names = [fsencode(path.removesuffix("/")) for path in self.paths] + [name_of(token) for token in self.tokens]
        if b"" in names:
            raise InvalidInput({"paths": "An empty path names nothing. Leave paths out to restore everything."})
        return RestoreWish(tuple(names), self.target, self.overwrite, self.previewed, self.merge)


def folder_answer(found: FolderPage) -> dict[str, Any]:
    """A folder of the copy. What is no UTF-8 in a name travels as lone surrogates; `token` stands for any name."""
    before = found.folder + b"/" if found.folder else b""
    return {
        "folder": fsdecode(found.folder),
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "entries": [
            {
                "name": fsdecode(entry.name),
                "path": fsdecode(before + entry.name),
                "token": token_of(before + entry.name),
                "is_folder": entry.is_folder,
                "size": entry.size,
                "modified": entry.modified or None,
            }
            for entry in found.rows
        ],
    }

"""Files to save, under names that every system and every header can bear."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from flask import Response

from flask_app.utils.moments import local
from models.errors import AppError

_PIECE = 1 << 16  # characters
_UNFIT = re.compile(r"[^A-Za-z0-9._]+")


class CannotExport(AppError):
    code = "cannot_export"
    status = 422


def attachment(answer: Response, stem: str, suffix: str) -> Response:
    """The answer as a file to save, called so as far as a name can bear it."""
    name = _UNFIT.sub("-", stem).strip("-._")[:100] or "file"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return answer


def of_now(word: str) -> str:
    """`logs-20261121-070204`, in the viewer's zone."""
    return f"{word}-{local(datetime.now(UTC)):%Y%m%d-%H%M%S}"


def in_pieces(texts: Iterable[str]) -> Iterator[str]:
    """The same in fewer parts: each is a write to the network, and a file may have millions of lines."""
    piece, size = list[str](), 0
    for text in texts:
        piece.append(text)
        size += len(text)
        if size >= _PIECE:
            yield "".join(piece)
            piece, size = [], 0
    yield "".join(piece)


def text_download(name: str, suffix: str, text: str) -> Response:
    """`text` as a plain file called after `name`."""
    return attachment(Response(text, mimetype="text/plain"), name, suffix)


def yaml_download(name: str, text: str) -> Response:
    """`text` as a file called after `name`."""
    return attachment(Response(text, mimetype="application/yaml"), name, "yaml")

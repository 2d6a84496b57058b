"""How much one request may carry, where Flask's own limits do not look; what a body means is read elsewhere."""

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

MEGABYTE = 1_000_000
FORM_PARTS = 200
FORM_FIELDS = 20_000  # 10,000 jobs may be chosen at once


def bound_bodies(app: Flask) -> None:
    """The limits that Flask itself keeps."""
    app.config.update(MAX_CONTENT_LENGTH=MEGABYTE, MAX_FORM_MEMORY_SIZE=MEGABYTE, MAX_FORM_PARTS=FORM_PARTS)


def refuse_large_body() -> None:
    """Answer 413 to what is longer than a megabyte or has more fields than any form of ours.

    It reads the body, so it comes after every refusal that does not need it.
    """
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    if not is_form and request.content_length is not None:
        return
    body = request.get_data()
    # Of a body that does not tell its length, werkzeug silently leaves out what is beyond the limit.
    is_cut = request.content_length is None and len(body) >= (request.max_content_length or len(body) + 1)
    if is_cut or (is_form and body.count(b"&") >= FORM_FIELDS):
        raise RequestEntityTooLarge

"""A fingerprint per static file, so that a browser may keep it for ever; it serves nothing."""

import hashlib
from pathlib import Path

from flask import Flask
from werkzeug.security import safe_join


def fingerprint(app: Flask, name: str) -> str:
    """The content hash of a static file, computed once per app ("" if there is no such file)."""
    known: dict[str, str] = app.extensions.setdefault("static_fingerprints", {})
    if name not in known:
        path = safe_join(str(app.static_folder), name)
        if path is None or not Path(path).is_file():
            return ""
        known[name] = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
    return known[name]

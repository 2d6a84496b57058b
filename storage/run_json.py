"""Runs and other small records as JSON text in files; not where the files lie."""

import json
from pathlib import Path
from typing import Any

from models.run import Run, run_from_json, run_to_json


def encoded(record: Run | dict[str, Any]) -> bytes:
    """One line of ASCII JSON, with its newline."""
    plain = run_to_json(record) if isinstance(record, Run) else record
    return json.dumps(plain, ensure_ascii=True).encode() + b"\n"


def decoded(line: bytes) -> dict[str, Any]:
    """The JSON object in the text, empty if it is something else."""
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in the file, empty if there is none."""
    try:
        return decoded(path.read_bytes())
    except OSError:
        return {}


def run_of(record: dict[str, Any]) -> Run | None:
    """The run, None if the record is not one of ours."""
    try:
        return run_from_json(record)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None

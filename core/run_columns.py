"""What a table of ended runs consists of, to be handed on as a whole; it answers nothing."""

from array import array
from typing import NamedTuple

from core.job_past import Past
from models.run import RunState


class Columns(NamedTuple):
    """All of a table in plain values: up to `moments` one for each row, then what their numbers stand for."""

    ids: list[str]
    rows: bytes
    codes: "array[int]"
    jobs: "array[int]"
    moments: "array[int]"
    combinations: list[tuple[str, RunState, str]]
    job_ids: list[str]
    names: list[str]
    pasts: list[Past]

"""A run as the cells of a CSV row, safe to open in a spreadsheet; not the file they are written to."""

from flask_app.utils.looks import run_look
from models.run_summary import RunSummary
from utils.text import visible

HEADINGS = (
    "started", "ended", "job", "job_id", "run_id", "kind", "engine", "state", "outcome",
    "working_seconds", "transferred_bytes", "total_bytes", "files_transferred",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cells_of(run: RunSummary) -> tuple[str | int | float, ...]:
    """In the order of `HEADINGS`; times are UTC, what is not known is empty."""
    return (
        run.started_at,
        run.ended_at,
        text_cell(run.job_name),
        run.job_id,
        run.run_id,
        run.kind,
        text_cell(run.engine),
        run.state.value,
        run_look(run.state.value).word,
        run.seconds if run.started_at else "",
        _number(run.transferred_bytes),
        _number(run.total_bytes),
        _number(run.files_transferred),
    )


def text_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe in front says that it is text.

    What cannot be seen is written as on the pages.
    """
    guarded = f"'{text}" if text.startswith(_FORMULA) else text
    return visible(guarded)


def _number(value: int | None) -> str | int:
    return "" if value is None else value

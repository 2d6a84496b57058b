"""How this process logs: one record per event on stderr, as text or JSON; not the logs of backups."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from flask_app.config import LogFormat
from utils.text import visible

OURS = "backup_manager"
Record = MutableMapping[str, Any]
IDS = ("request_id", "job_id", "run_id")


def configure_logging(form: LogFormat) -> None:
    """Send structlog, the standard library's loggers and gunicorn's the same way. May be called again."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(OURS)
    handler.setFormatter(_formatter(form, shared))
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if other.name != OURS] + [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("engineio.server").setLevel(logging.CRITICAL)  # it shouts about every client that is gone
    logging.getLogger("flask_wtf.csrf").setLevel(logging.WARNING)
    server = logging.getLogger("gunicorn.error")
    server.handlers, server.propagate = [], True


def _formatter(form: LogFormat, shared: list[structlog.types.Processor]) -> logging.Formatter:
    show: list[structlog.types.Processor] = [as_text]
    if form == "json":
        show = [harmless, structlog.processors.JSONRenderer()]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=IDS), *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *show],
    )


def harmless(_logger: Any, _method: str, event: Record) -> Record:
    """The record with every text made fit to show, as a reader of JSON may print it; a traceback keeps its lines."""
    trace = event.pop("exception", None)
    shown = {name: _shown(value) for name, value in event.items()}
    return shown if trace is None else {**shown, "exception": "\n".join(_lines(trace))}


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else visible(str(value))


def _lines(trace: str) -> list[str]:
    return [visible(line) for line in trace.split("\n")]


def as_text(_logger: Any, _method: str, event: Record) -> str:
    """One line that no value can break, what it is about at its end, and a traceback indented below."""
    head = f"{event.pop('timestamp')} {event.pop('level'):<7} {visible(str(event.pop('event')))}"
    trace = event.pop("exception", "")
    event.pop("logger", None)
    names = [*(name for name in event if name not in IDS), *(name for name in IDS if name in event)]
    line = " ".join([head, *(f"{name}={event[name]!r}" for name in names)])
    return "\n    ".join([line, *(_lines(trace) if trace else ())])

"""How this process logs: one record per event on stderr, as text or JSON; not the logs of backups."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from flask_app.config import LogFormat
from utils.text import visible

OURS = "backup_manager"


def configure_logging(form: LogFormat) -> None:
    """Send structlog and the standard library's loggers the same way. May be called again."""
    shared: list[structlog.types.Processor] = [
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
    show = structlog.processors.JSONRenderer() if form == "json" else as_text
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(OURS)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, show]))
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if other.name != OURS] + [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("engineio.server").setLevel(logging.CRITICAL)  # it shouts about every client that is gone
    logging.getLogger("flask_wtf.csrf").setLevel(logging.WARNING)


def as_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """One line that no value can break, and a traceback indented below."""
    head = f"{event.pop('timestamp')} {event.pop('level'):<7} {visible(str(event.pop('event')))}"
    trace = event.pop("exception", "")
    event.pop("logger", None)
    line = " ".join([head, *(f"{name}={value!r}" for name, value in event.items())])
    return "\n    ".join([line, *(visible(part) for part in trace.splitlines())])

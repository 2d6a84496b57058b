"""What the job form needs besides what was typed: tools, options, remotes; the fields themselves are in `forms`."""

from core.remotes import RemotesUnreadable
from core.views import DraftCheck
from engines.registry import engine, names
from flask_app.forms import JobForm
from flask_app.utils.container import services
from models.job import Job


def form_values(form: JobForm, job: Job | None, found: DraftCheck | None) -> dict[str, object]:
    return {
        "form": form,
        "edited": job,
        "check": found,
        "tools": services().tools.all(),
        "has_password": job is not None and services().manager.has_password(job.id),
        "options_of": {name: engine(name).options for name in names()},
        "usual_check": services().settings.load().verification_mode,
        "configured_remotes": configured_remotes,
    }


def configured_remotes() -> tuple[str, ...]:
    """The remotes a job can name; asked for only where they are shown, as it may take a moment."""
    try:
        return services().remotes.names()
    except RemotesUnreadable:
        return ()


def usable_engine() -> str:
    """The engine a new job starts with: the first that is installed."""
    states = services().tools.all()
    return next((state.name for state in states if state.tool), states[0].name if states else "")

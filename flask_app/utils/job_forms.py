"""What the job form needs besides what was typed: tools, options, remotes; the fields themselves are in `forms`."""

from werkzeug.datastructures import MultiDict

from core.catching import Caught
from core.remotes import RemotesUnreadable
from core.views import DraftCheck
from engines.registry import engine, names
from flask_app.forms import JobForm, draft_of
from flask_app.utils.container import services
from flask_app.utils.job_words import facts
from models.job import Job, JobSettings


def form_values(
    form: JobForm, job: Job | None, found: DraftCheck | None, caught: Caught | None = None, refused: str = ""
) -> dict[str, object]:
    """For the form and its parts. `caught` is what the patterns leave out, `refused` why that cannot be told."""
    usual = services().settings.load()
    settings = draft_of(form, MultiDict(), job.settings if job else JobSettings())[0].settings
    return {
        "form": form,
        "edited": job,
        "check": found,
        "caught": caught,
        "refused": refused,
        "facts": facts(form, settings, usual),
        "tools": services().tools.all(),
        "has_password": job is not None and services().manager.has_password(job.id),
        "options_of": {name: engine(name).options for name in names()},
        "usual_check": usual.verification_mode,
        "configured_remotes": configured_remotes,
        "own_keys": services().ssh_keys.all,
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

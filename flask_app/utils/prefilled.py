"""The form of a new job that is not empty: filled in from a template or from a file that was shared."""

from flask import request

from flask_app.forms import JobForm, empty_form, form_of
from flask_app.utils.container import services
from flask_app.utils.job_forms import usable_engine
from models.job import Job, JobDraft


def form_of_draft(draft: JobDraft) -> JobForm:
    return form_of(Job("", draft.name, draft.source, draft.dest, draft.type, settings=draft.settings))


def starting_form() -> JobForm:
    """What the form of a new job begins with: the template that the address names, else nothing."""
    name = request.args.get("template", "")
    return form_of_draft(services().templates.get(name)) if name else empty_form(usable_engine())

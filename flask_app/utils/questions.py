"""A question before something is done: in the dialog for htmx, else a page of its own."""

from flask import Response, make_response, render_template

from flask_app.auditing import nothing_done
from flask_app.utils.htmx_helpers import fragment, in_dialog, wants_fragment


def question(template: str, status: int = 200, **values: object) -> Response:
    """`template` is a partial with one root element; the page leads back to `job` or the `parent` given."""
    nothing_done()
    if wants_fragment():
        return in_dialog(fragment(template, values, status))
    return make_response(render_template("question.html", question=template, **values), status)

"""Answers to htmx and to plain forms from the same routes; fragments, toasts, refusals, unchanged polls."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request

from flask_app.roles import own_role
from flask_app.utils.container import services
from flask_app.utils.moments import today
from models.errors import AppError

TITLES = {
    400: "This request cannot be understood",
    401: "You are not logged in",
    403: "This request was refused",
    404: "There is no such page",
    409: "This cannot be done now",
    413: "This is too large",
    422: "Some of this cannot be used",
    429: "Too many requests",
    500: "The server made a mistake",
    503: "The data folder cannot be written",
}


@dataclass(frozen=True, slots=True)
class Toast:
    """A fact, its reason and one link; `tone` is ok, warn or error (errors stay until closed)."""

    fact: str
    reason: str = ""
    tone: str = "ok"
    link: str = ""
    link_text: str = ""


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page, and not for a whole one after "back"."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def asked_for(element_id: str) -> bool:
    """Whether htmx asks for the fragment with this id."""
    return wants_fragment() and request.headers.get("HX-Target") == element_id


def fragment(template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    answer = make_response(render_template(template, **values), status)
    answer.headers["Vary"] = "HX-Request"
    return answer


def page_tag() -> str:
    """Changes with anything that a page shows, and with who looks; at midnight "today" becomes "yesterday"."""
    return f"{services().queries.revision()}.{today().toordinal()}.{own_role()[0]}"


def unchanged(tag: str) -> bool:
    """Whether the asking fragment shows exactly this already, so that 204 is the whole answer."""
    return request.args.get("revision") == tag


def not_modified() -> Response:
    return Response(status=204)


def done(toast: Toast, back: str, status: int = 200) -> Response:
    """The answer to a change that was made: a toast for htmx, else 303 to `back` with a message."""
    if not wants_fragment():
        flash(asdict(toast), "toast")  # type: ignore[arg-type]
        return redirect(back, 303)  # type: ignore[return-value]
    answer = fragment("partials/toast.html", {"toast": toast}, status)
    answer.headers["HX-Trigger"] = "jobs:changed"
    return _into_toasts(answer)


def went_to(place: str, status: int = 204) -> Response:
    """Another page, or a file to save, instead of an answer here."""
    if not wants_fragment():
        return redirect(place, 303)  # type: ignore[return-value]
    return Response(status=status, headers={"HX-Redirect": place})


def refusal(error: AppError) -> Response:
    """The answer to what was refused, with the reason where the person looks."""
    return refusal_page(error.status, error.message)


def refusal_page(status: int, message: str = "") -> Response:
    """The same for an HTTP error: a toast for htmx, a page else."""
    title, message = _title(status, message)
    if wants_fragment():
        toast = Toast(title, message, "error")
        return _into_toasts(fragment("partials/toast.html", {"toast": toast}, status))
    page = f"errors/{status}.html" if status in TITLES else "errors/page.html"
    return make_response(render_template(page, status=status, title=title, message=message), status)


def _title(status: int, message: str) -> tuple[str, str]:
    """What is not there is named by the title itself, in the message's first sentence."""
    first, _, rest = message.partition(". ")
    if status == 404 and rest:
        return first, rest
    return TITLES.get(status, "This could not be done"), message


def in_dialog(answer: Response) -> Response:
    """Let htmx show the answer in the dialog instead of the place that asked."""
    answer.headers["HX-Retarget"] = "#dialog"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _into_toasts(answer: Response) -> Response:
    # A form that a push has taken away meanwhile can be led to no other place; it knows its own.
    if asked_for("toasts"):
        return answer
    answer.headers["HX-Retarget"] = "#toasts"
    answer.headers["HX-Reswap"] = "beforeend"
    return answer

"""What whoever asks may be offered, read from the declaration of the view that a link or form leads to.

Pages ask here what to draw, so that they and the guard cannot disagree; it is the guard (security.py) that refuses.
"""

from flask import current_app, g
from werkzeug.exceptions import HTTPException

from flask_app.roles import OPEN, declared_by, may


def may_go(path: str) -> bool:
    """Whether a link to that address leads whoever asks to a page; what stands after ? or # is no matter."""
    return _may(path, "GET")


def may_send(path: str) -> bool:
    """The same for a form that is sent to that address. Any word stands for an id: /jobs/-/start."""
    return _may(path, "POST")


def _may(path: str, method: str) -> bool:
    """Found once per request: a list asks the same for each of its rows."""
    known = g.setdefault("offers", {})
    if (path, method) not in known:
        known[path, method] = _is_allowed(path, method)
    return bool(known[path, method])


def _is_allowed(path: str, method: str) -> bool:
    declared = declared_by(current_app.view_functions.get(_endpoint(path, method)))
    return declared == OPEN or (bool(declared) and may(declared))


def _endpoint(path: str, method: str) -> str:
    """ "" where nothing answers."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(path.partition("?")[0].partition("#")[0], method)
    except HTTPException:
        return ""
    return str(endpoint)

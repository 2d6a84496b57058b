"""The way from a request to the core's services; it holds nothing itself."""

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from core.container import Container
    from core.doors import Doors


def services() -> "Container":
    """The services of the app that handles this request."""
    return cast("Container", current_app.extensions["container"])


def doors() -> "Doors":
    """What decides who may come in."""
    return cast("Doors", current_app.extensions["doors"])

"""What the JSON API can do: for programs as OpenAPI, for people as a page; it answers no call of the API itself."""

from functools import cache
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template

from flask_app.api_operations import Schema
from flask_app.openapi import document
from flask_app.roles import VIEWER, needs
from flask_app.utils.api_pages import always, groups

blueprint = Blueprint("api_docs", __name__)


@cache
def _document(app: Flask) -> Schema:
    return document(app)


def _here() -> Schema:
    return _document(cast("Any", current_app)._get_current_object())


@blueprint.get("/api/openapi.json")
@needs(VIEWER)
def openapi() -> Response:
    return jsonify(_here())


@blueprint.get("/docs")
@needs(VIEWER)
def page() -> str:
    return render_template("api_docs.html", groups=groups(_here()), always=always(_here()))

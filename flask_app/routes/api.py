"""The JSON API: parse, one call, answer; what the answers look like stands in flask_app/schemas.py."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

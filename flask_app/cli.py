"""Gives the app its commands; `flask --app flask_app` finds them there."""

from flask import Flask

from flask_app.commands.auditing import audit
from flask_app.commands.doctor import doctor
from flask_app.commands.importing import jobs
from flask_app.commands.runs import runs
from flask_app.commands.tokens import tokens
from flask_app.commands.users import users


def register_commands(app: Flask) -> None:
    for command in (jobs, runs, users, tokens, audit, doctor):
        app.cli.add_command(command)

"""Gives the app its commands; `flask --app flask_app` finds them there."""

from flask import Flask

from flask_app.commands.doctor import doctor
from flask_app.commands.restore import jobs
from flask_app.commands.runs import runs


def register_commands(app: Flask) -> None:
    for command in (jobs, runs, doctor):
        app.cli.add_command(command)

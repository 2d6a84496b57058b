"""What is offered follows from what the view declares that answers."""

import pytest
from flask import Flask, g

from flask_app.roles import needs
from flask_app.utils.permitted import may_go, may_send
from models.role import Role

VIEWER, OPERATOR, ADMINISTRATOR = Role


@pytest.mark.parametrize(
    ("path", "role", "goes", "sends"),
    [
        ("/jobs/", VIEWER, True, False),
        ("/jobs/?state=active#x", VIEWER, True, False),
        ("/jobs/-/start", VIEWER, False, False),
        ("/jobs/-/start", OPERATOR, False, True),
        ("/jobs/-/delete", OPERATOR, False, False),
        ("/jobs/-/delete", ADMINISTRATOR, True, True),
        ("/login", VIEWER, True, True),
        ("/nowhere", ADMINISTRATOR, False, False),
    ],
)
def test_an_address_is_judged_by_what_answers_there(app: Flask, path: str, role: Role, goes: bool, sends: bool) -> None:
    with app.test_request_context():
        g.role = role
        assert (may_go(path), may_send(path)) == (goes, sends)


def test_a_changed_declaration_changes_what_is_offered(app: Flask) -> None:
    app.view_functions["jobs.start"] = needs(VIEWER)(lambda job_id: job_id)
    with app.test_request_context():
        g.role = VIEWER
        assert may_send("/jobs/-/start")


def test_what_declares_nothing_is_offered_to_nobody(app: Flask) -> None:
    app.add_url_rule("/backdoor", "backdoor", lambda: "in")
    with app.test_request_context():
        g.role = ADMINISTRATOR
        assert not may_go("/backdoor")


def test_a_stranger_is_offered_only_what_is_open(app: Flask) -> None:
    with app.test_request_context():
        assert (may_go("/login"), may_go("/jobs/")) == (True, False)

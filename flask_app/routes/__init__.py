"""Which blueprint stands where; the views themselves are in the modules beside."""

from flask import Flask

from flask_app.routes.api import blueprint as api
from flask_app.routes.dashboard import blueprint as dashboard
from flask_app.routes.health import blueprint as health
from flask_app.routes.jobs import blueprint as jobs
from flask_app.routes.logs import blueprint as logs
from flask_app.routes.proofs import blueprint as proofs
from flask_app.routes.remotes import api as remotes_api
from flask_app.routes.remotes import blueprint as remotes
from flask_app.routes.restore import blueprint as restore
from flask_app.routes.restore_api import blueprint as restore_api
from flask_app.routes.runs import blueprint as runs
from flask_app.routes.settings import blueprint as settings


def register_routes(app: Flask) -> None:
    """Give the app all its views."""
    app.register_blueprint(dashboard)
    app.register_blueprint(jobs, url_prefix="/jobs")
    app.register_blueprint(proofs, url_prefix="/jobs")
    app.register_blueprint(restore, url_prefix="/jobs")
    app.register_blueprint(runs, url_prefix="/jobs/<job_id>/runs")
    app.register_blueprint(settings, url_prefix="/settings")
    app.register_blueprint(remotes, url_prefix="/remotes")
    app.register_blueprint(logs, url_prefix="/logs")
    app.register_blueprint(api, url_prefix="/api/v1")
    app.register_blueprint(restore_api, url_prefix="/api/v1")
    app.register_blueprint(remotes_api, url_prefix="/api/v1")
    app.register_blueprint(health)

"""Which blueprint stands where; the views themselves are in the modules beside."""

from flask import Flask


def register_routes(app: Flask) -> None:
    """Give the app all its views."""
    from flask_app.routes import api, dashboard, health, jobs, logs, runs, settings

    app.register_blueprint(dashboard.blueprint)
    app.register_blueprint(jobs.blueprint, url_prefix="/jobs")
    app.register_blueprint(runs.blueprint, url_prefix="/jobs/<job_id>/runs")
    app.register_blueprint(settings.blueprint, url_prefix="/settings")
    app.register_blueprint(logs.blueprint, url_prefix="/logs")
    app.register_blueprint(api.blueprint, url_prefix="/api/v1")
    app.register_blueprint(health.blueprint)

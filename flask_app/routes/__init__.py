"""Which blueprint stands where; the views themselves are in the modules beside."""

from flask import Flask

from flask_app.routes.account import blueprint as account
from flask_app.routes.accounts import blueprint as accounts
from flask_app.routes.adopting import blueprint as adopting
from flask_app.routes.api import blueprint as api
from flask_app.routes.api_docs import blueprint as api_docs
from flask_app.routes.audit import api as audit_api
from flask_app.routes.audit import blueprint as audit
from flask_app.routes.auth import blueprint as auth
from flask_app.routes.browser import blueprint as browser
from flask_app.routes.bulk import blueprint as bulk
from flask_app.routes.bundle import blueprint as bundle
from flask_app.routes.dashboard import blueprint as dashboard
from flask_app.routes.ejecting import blueprint as ejecting
from flask_app.routes.events import blueprint as events
from flask_app.routes.health import blueprint as health
from flask_app.routes.installable import blueprint as installable
from flask_app.routes.job_form import blueprint as job_form
from flask_app.routes.job_page import blueprint as job_page
from flask_app.routes.jobs import blueprint as jobs
from flask_app.routes.keys import blueprint as keys
from flask_app.routes.known_hosts import blueprint as known_hosts
from flask_app.routes.log_export import blueprint as log_export
from flask_app.routes.logs import blueprint as logs
from flask_app.routes.metrics import blueprint as metrics
from flask_app.routes.past_runs import blueprint as past_runs
from flask_app.routes.proofs import blueprint as proofs
from flask_app.routes.remotes import api as remotes_api
from flask_app.routes.remotes import blueprint as remotes
from flask_app.routes.restore import blueprint as restore
from flask_app.routes.restore_api import blueprint as restore_api
from flask_app.routes.retries import api as retries_api
from flask_app.routes.retries import blueprint as retries
from flask_app.routes.runs import blueprint as runs
from flask_app.routes.settings import blueprint as settings
from flask_app.routes.settings_api import blueprint as settings_api
from flask_app.routes.ssh_keys import blueprint as ssh_keys
from flask_app.routes.templates import blueprint as templates
from flask_app.routes.transfer import blueprint as transfer
from flask_app.routes.upkeep import blueprint as upkeep


def register_routes(app: Flask) -> None:
    """Give the app all its views."""
    app.register_blueprint(dashboard)
    app.register_blueprint(jobs, url_prefix="/jobs")
    app.register_blueprint(browser, url_prefix="/jobs")
    app.register_blueprint(job_page, url_prefix="/jobs")
    app.register_blueprint(job_form, url_prefix="/jobs")
    app.register_blueprint(bulk, url_prefix="/jobs")
    app.register_blueprint(upkeep, url_prefix="/jobs")
    app.register_blueprint(ejecting, url_prefix="/jobs")
    app.register_blueprint(adopting, url_prefix="/jobs")
    app.register_blueprint(proofs, url_prefix="/jobs")
    app.register_blueprint(restore, url_prefix="/jobs")
    app.register_blueprint(retries, url_prefix="/jobs")
    app.register_blueprint(runs, url_prefix="/jobs/<job_id>/runs")
    app.register_blueprint(settings, url_prefix="/settings")
    app.register_blueprint(audit, url_prefix="/settings")
    app.register_blueprint(bundle, url_prefix="/settings")
    app.register_blueprint(ssh_keys, url_prefix="/settings/keys")
    app.register_blueprint(known_hosts, url_prefix="/settings/hosts")
    app.register_blueprint(remotes, url_prefix="/remotes")
    app.register_blueprint(templates, url_prefix="/templates")
    app.register_blueprint(keys)
    app.register_blueprint(logs, url_prefix="/logs")
    app.register_blueprint(log_export, url_prefix="/logs")
    app.register_blueprint(past_runs, url_prefix="/logs")
    app.register_blueprint(api, url_prefix="/api/v1")
    app.register_blueprint(restore_api, url_prefix="/api/v1")
    app.register_blueprint(retries_api, url_prefix="/api/v1")
    app.register_blueprint(remotes_api, url_prefix="/api/v1")
    app.register_blueprint(transfer, url_prefix="/api/v1")
    app.register_blueprint(settings_api, url_prefix="/api/v1")
    app.register_blueprint(audit_api, url_prefix="/api/v1")
    app.register_blueprint(events, url_prefix="/api/v1")
    app.register_blueprint(auth)
    app.register_blueprint(account, url_prefix="/account")
    app.register_blueprint(accounts, url_prefix="/accounts")
    app.register_blueprint(api_docs)
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    app.register_blueprint(installable)

"""Starts the server; what it serves is the package of the same name."""

import os
import sys
import sysconfig
from pathlib import Path

gunicorn = str(Path(sysconfig.get_path("scripts")) / "gunicorn")
configuration = str(Path(__file__).resolve().with_name("gunicorn.conf.py"))
command = [sys.executable, gunicorn, "-c", configuration, "flask_app:create_app()"]
os.execv(sys.executable, command)  # nosec B606 # no word of it comes from outside

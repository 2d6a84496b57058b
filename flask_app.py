"""Starts the server; what it serves is the package of the same name."""

import os
import sys
from pathlib import Path

configuration = Path(__file__).resolve().with_name("gunicorn.conf.py")
os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", str(configuration), "flask_app:create_app()"])

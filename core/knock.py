"""The short program that finds out whether a host listens; its exit is the answer. It sends nothing and reads nothing.

A program of its own, because looking up a name cannot be interrupted.
"""

import socket
import sys


def main(host: str, port: str, seconds: str) -> int:
    """0 if somebody listens there, 1 if not, or if the name is not known."""
    try:
        socket.create_connection((host, int(port)), float(seconds)).close()
    except (OSError, UnicodeError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""What the settings page says of ssh: our keys with the jobs that use them, and the hosts that are known."""

from typing import Any

from flask_app.utils.container import services


def ssh_values() -> dict[str, Any]:
    """For the sections "ssh keys" and "Known hosts"."""
    keys, used = services().ssh_keys.all(), services().uses.keys()
    own = {key.path for key in keys}
    return {
        "keys": keys,
        "key_uses": {key.path: services().uses.of_key(key.path) for key in keys},
        "other_keys": {path: jobs for path, jobs in sorted(used.items()) if path not in own},
        "hosts": services().known_hosts.all(),
        "hosts_file": services().folder.known_hosts,
        "key_name": "",
        "key_errors": {},
    }

"""A key made on the settings page signs in at a real host; a host that is forgotten is asked about again."""

from pathlib import Path

import pytest

from core.ssh_keys import SshKeys
from storage.data_folder import DataFolder
from tests.e2e.browser import Product
from tests.e2e.remote_hosts import SshHost
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.timeout(90)


def test_a_made_key_lets_a_job_in_until_its_host_is_forgotten(
    own_product: Product, sshd: SshHost, tmp_path: Path
) -> None:
    product, visitor = own_product, Visitor(own_product.port)
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_bytes(bytes(5000))
    visitor.get("/settings/")
    assert visitor.post("/settings/keys/create", {"name": "nas"}).status == 303
    key = SshKeys(DataFolder(product.data)).get("nas")
    with (sshd.folder / "authorized_keys").open("a") as authorized:
        authorized.write(f"{key.public}\n")
    settings = {"ssh": {"port": sshd.port, "key": key.path}}
    body = {"name": "Far", "type": "rsync", "source": str(source), "dest": sshd.address(tmp_path / "copy")}
    answer = product.server.api("POST", "/jobs", json={**body, "settings": settings})
    job_id = answer.json()["data"]["id"]
    refused = product.server.api("POST", f"/jobs/{job_id}/start")
    assert refused.json()["error"]["code"] == "host_key_unknown"

    accepted = visitor.post(f"/jobs/{job_id}/host-key", {"fingerprint": f"{sshd.fingerprint} (ED25519)"})
    assert accepted.status == 303
    assert product.server.ended(product.server.start(job_id))["state"] == "done"
    assert (tmp_path / "copy" / "source" / "file").read_bytes() == bytes(5000)
    page = visitor.get("/settings/")
    assert sshd.fingerprint in page.words
    assert "Accepted" in page.words
    assert f'href="/jobs/{job_id}"' in page.text, "the key's jobs are named"

    assert visitor.post("/settings/hosts/remove", {"name": f"[127.0.0.1]:{sshd.port}"}).status == 303
    refused = product.server.api("POST", f"/jobs/{job_id}/start")
    assert refused.json()["error"]["code"] == "host_key_unknown"


def test_a_deleted_key_signs_in_nowhere(own_product: Product, sshd: SshHost, tmp_path: Path) -> None:
    product, visitor = own_product, Visitor(own_product.port)
    (tmp_path / "source").mkdir()
    visitor.get("/settings/")
    visitor.post("/settings/keys/create", {"name": "nas"})
    key = SshKeys(DataFolder(product.data)).get("nas")
    with (sshd.folder / "authorized_keys").open("a") as authorized:
        authorized.write(f"{key.public}\n")
    (product.data / "known_hosts").write_text(sshd.known_hosts_line())
    settings = {"ssh": {"port": sshd.port, "key": key.path}, "max_retries": 1}
    body = {"name": "Far", "type": "rsync", "source": f"{tmp_path}/source", "dest": sshd.address(tmp_path / "copy")}
    answer = product.server.api("POST", "/jobs", json={**body, "settings": settings})
    assert visitor.post("/settings/keys/nas/delete").status == 303
    started = product.server.api("POST", f"/jobs/{answer.json()['data']['id']}/start")
    run = product.server.ended(started.json()["data"]["run_id"])
    assert run["state"] == "failed"
    assert "key" in f"{run['reason']} {run['next_step']}", run

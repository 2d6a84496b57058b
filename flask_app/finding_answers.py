"""What the JSON API says about single files; the shapes of everything else stand in `schemas`."""

from base64 import b64encode
from typing import Any

from models.findings import Finding


def finding_answer(finding: Finding) -> dict[str, Any]:
    """A name that is no UTF-8 comes as bytes in base64 besides."""
    name = finding.name.decode(errors="replace")
    answer: dict[str, Any] = {"what": finding.what, "name": name, "size": finding.size}
    if name.encode() != finding.name:
        answer["name_base64"] = b64encode(finding.name).decode()
    return answer

"""Whether each file of another project, and each file made from them, is the one that the manifest names.

`python -m tests.supply_chain.vendored_files` says what is wrong and exits with 1; it asks nobody and mends nothing.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = "flask_app/static/vendor/manifest.json"
FOLDERS = ("flask_app/static/vendor", "flask_app/static/built", "tests/e2e/vendor")


def problems(root: Path) -> list[str]:
    """A sentence for each file that is not as the manifest of the checkout `root` says."""
    manifest = json.loads((root / MANIFEST).read_text())
    expected = {entry["path"]: entry["sha256"] for entry in [*manifest["vendored"], *manifest["built"]["files"]]}
    paths = [path for name in FOLDERS for path in (root / name).rglob("*") if path.is_file()]
    present = {path.relative_to(root).as_posix() for path in paths}
    unnamed = sorted(present - expected.keys() - {MANIFEST})
    found = [_wrong(root / name, name, digest) for name, digest in expected.items()]
    found += [f"{name} is not in the manifest." for name in unnamed]
    return [sentence for sentence in [*found, *_other_versions(root, manifest)] if sentence]


def _wrong(path: Path, name: str, digest: str) -> str:
    if not path.is_file():
        return f"{name} is missing."
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        return f"{name} is not what the manifest says."
    return ""


def _other_versions(root: Path, manifest: dict[str, Any]) -> list[str]:
    """The versions that script/assets fetches are those that the manifest names."""
    packages = re.search(r"^packages=\((.*)\)$", (root / "script/assets").read_text(), re.MULTILINE)
    fetched = set(packages[1].split()) if packages else set[str]()
    named = {f"{entry['name']}@{entry['version']}" for entry in [*manifest["vendored"], *manifest["built"]["with"]]}
    return [f"Only one of script/assets and the manifest names {name}." for name in sorted(fetched ^ named)]


def main(root: Path = ROOT) -> int:
    found = problems(root)
    for sentence in found:
        print(sentence)
    print("Run script/assets." if found else "Each vendored and each built file has the hash of the manifest.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""How bandit is set up here: it finds what it is there for, and nothing is passed over without a reason."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.supply_chain.vendored_files import ROOT

CHECK = re.search(r"^ *check (bandit .*)$", (ROOT / "script/test").read_text(), re.MULTILINE)
PRODUCT = re.search(r'^product="(.*)"$', (ROOT / "script/test").read_text(), re.MULTILINE)
REASONED = re.compile(r"# nosec B\d{3}(, B\d{3})* # \w+")


def bandit(*targets: str) -> subprocess.CompletedProcess[str]:
    """As script/test starts it, over other files."""
    assert CHECK
    options = [word for word in shlex.split(CHECK[1])[1:] if word != "$product"]
    return subprocess.run(
        [sys.executable, "-m", "bandit", *options, *targets], cwd=ROOT, capture_output=True, check=False, text=True
    )


def test_all_of_the_product_is_looked_at() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, check=True, text=True)
    tops = {name.partition("/")[0] for name in tracked.stdout.split("\0") if name}
    assert PRODUCT
    assert set(PRODUCT[1].split()) == tops - {"tests", "script"}


def test_a_shell_that_reads_a_field_is_found(tmp_path: Path) -> None:
    (tmp_path / "holed.py").write_text("import os\n\n\ndef copy(source: str) -> None:\n    os.system('cp ' + source)\n")
    ended = bandit(str(tmp_path))
    assert ended.returncode == 1
    assert "B605" in ended.stdout


def test_every_exception_names_its_rule_and_its_reason() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, check=True, text=True)
    names = [name for name in tracked.stdout.split("\0") if name and not name.startswith("tests/")]
    lines = [line for name in names for line in (ROOT / name).read_text().splitlines() if "# nosec" in line]
    assert len(lines) >= 8
    assert [line for line in lines if not REASONED.search(line)] == []

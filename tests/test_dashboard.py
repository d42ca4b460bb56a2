"""asv's pages work with no network and from a disk, with the results that are in the repository."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import publish

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "reports" / "asv" / "results"

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm to fetch the pages' scripts with")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make dashboard` publishes them."""
    directory = tmp_path_factory.mktemp("dashboard")
    config = json.loads((ROOT / "asv.conf.json").read_text())
    places = {"repo": str(ROOT), "benchmark_dir": str(ROOT / "benchmarks"), "results_dir": str(RESULTS)}
    config |= places | {"html_dir": str(directory / "html"), "env_dir": str(directory / "env")}
    (file := directory / "asv.conf.json").write_text(json.dumps(config))
    asv = Path(sys.executable).with_name("asv")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    command = [str(asv), "--config", str(file), "publish", "--no-pull", f"{head}"]
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    publish.offline(directory / "html", ROOT / ".asv" / "npm")
    return directory / "html"


def test_nothing_is_loaded_from_elsewhere(pages: Path) -> None:
    text = (pages / "index.html").read_text()
    loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', text)
    assert [one for one in loaded if one.startswith(("http", "//"))] == []
    assert all((pages / one).exists() for one in loaded)


def test_every_script_of_others_has_its_licence(pages: Path) -> None:
    kept = {path.name.split(".")[0] for path in (pages / "vendor").iterdir()}
    assert {package.partition("@")[0] for package in publish.VENDORED} <= kept


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium to look at the pages with")
@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("", r"TokenBucket\.time_run"),
        (
            "#rate_limiting.TokenBucket.time_run",
            r'(?s)implementation-redis.*<canvas class="flot-base"|flot-base.*implementation',
        ),
        ("#regressions", r"Group regressions"),
    ],
    ids=["grid", "graph", "regressions"],
)
def test_a_browser_shows_it_from_a_disk(pages: Path, place: str, shown: str, tmp_path: Path) -> None:
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}"]
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    picture = tmp_path / "picture.png"
    address = f"file://{pages / 'index.html'}{place}"
    command = ["chromium", *options, *quiet, "--virtual-time-budget=8000"]
    found = subprocess.run([*command, "--dump-dom", address], capture_output=True, text=True, timeout=90).stdout
    assert re.search(shown, found)
    subprocess.run([*command, f"--screenshot={picture}", address], capture_output=True, timeout=90)
    assert picture.stat().st_size > 10_000

"""The report: one JSON by its schema, one page whose links lead somewhere, and the same whenever it is made."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from spec.encoding import schema

RATIO = {"workload": "rate_limiting.fixed_window", "implementation": "memory", "size": 1, "microseconds": 1.5}
RATIO |= {"ratio": 0.7, "low": 0.6, "high": 0.8, "floor": "memory"}


class Names(HTMLParser):
    """The ids of a page, and what its links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.add(str(given["href"]))
        assert not {"src", "srcset"} & given.keys(), "nothing is loaded from elsewhere"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two that were made the same way, each in a process of its own."""
    made = []
    for name in ("first", "second"):
        (directory := tmp_path_factory.mktemp(name)).joinpath("ratios.json").write_text(json.dumps([RATIO]))
        command = [sys.executable, "-m", "conformance", "report", str(directory), "--only", "fixed_window"]
        ran = subprocess.run(
            [*command, "--examples", "5", "--seeds", "1"], capture_output=True, text=True, cwd=directory
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        made.append(directory)
    return made[0], made[1]


def test_the_report_is_the_same_whenever_it_is_made(reports: tuple[Path, Path]) -> None:
    first, second = reports
    for name in ("conformance.json", "index.html"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_the_json_follows_its_schema_and_ids_are_unique(reports: tuple[Path, Path]) -> None:
    data = json.loads((reports[0] / "conformance.json").read_text())
    jsonschema.Draft202012Validator(schema("conformance")).validate(data)
    for kind in ("verdicts", "anomalies", "mutants", "specifications"):
        ids = [one["id"] for one in data[kind]]
        assert ids
        assert len(set(ids)) == len(ids)
    assert "rate_limiting.fixed_window/limits/conforming_traffic_is_admitted" in {one["id"] for one in data["verdicts"]}


def test_every_link_on_the_page_leads_to_one_place_on_it(reports: tuple[Path, Path]) -> None:
    text = (reports[0] / "index.html").read_text()
    names = Names(text)
    assert len(set(names.ids)) == len(names.ids)
    assert names.links
    assert {link.removeprefix("#") for link in names.links} <= set(names.ids)
    assert "0.60–0.80" in text
    assert "6 admitted within" in text  # the witness that a fixed window lets twice its limit through


def test_the_snapshot_in_the_repository_follows_the_schema() -> None:
    committed = Path(__file__).parents[1] / "reports"
    jsonschema.Draft202012Validator(schema("conformance")).validate(
        json.loads((committed / "conformance.json").read_text())
    )
    assert "What holds, and what does not" in (committed / "index.html").read_text()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium to look at the page with")
def test_a_browser_opens_the_page_from_a_disk(reports: tuple[Path, Path], tmp_path: Path) -> None:
    page = reports[0] / "index.html"
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}"]
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    target = f"file://{page}#rate_limiting.fixed_window/memory/never_exceeds_limit_in_a_window"
    command = ["chromium", *options, *quiet, "--virtual-time-budget=3000", "--dump-dom", target]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert re.search(r'<details id="rate_limiting.fixed_window/memory/never_exceeds_limit_in_a_window" open', shown)

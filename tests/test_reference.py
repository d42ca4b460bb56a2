"""The reference is what the docstrings say, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from docs.generate import DOCS, pages
from spec.law import Anomaly, Law
from spec.specification import specifications


@pytest.mark.parametrize("path", sorted(pages()), ids=lambda path: path.stem)
def test_a_page_is_what_make_docs_would_write(path: Path) -> None:
    assert path.read_text("utf-8") == pages()[path], "run `make docs`"


@pytest.mark.parametrize("path", sorted(pages()), ids=lambda path: path.stem)
def test_every_link_leads_to_one_place(path: Path) -> None:
    text = path.read_text("utf-8")
    anchors = re.findall(r'<a id="(.*?)">', text)
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\(#(.*?)\)", text)) == set(anchors)


def test_every_specification_law_and_anomaly_is_told() -> None:
    text = "".join(path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md"))
    for specification in specifications().values():
        assert f"### {specification.name}\n" in text
        every: list[Law | Anomaly] = [*specification.laws, *specification.anomalies]
        for one in every:
            assert f"### {one.name}\n\n{one.statement}" in text

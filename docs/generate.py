"""The reference, a page for each block, from the docstrings of specifications, laws and anomalies: `make docs`."""

import importlib
import inspect
import re
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.explain import promises
from conformance.page import title
from spec.specification import Specification, specifications

DOCS = Path(__file__).parent


def pages() -> dict[Path, str]:
    """The text of each page, by its file."""
    blocks: dict[str, list[Specification]] = {}
    for one in specifications().values():
        if one.interface.__module__.startswith("spec."):  # not those of other packages
            blocks.setdefault(one.block, []).append(one)
    return {DOCS / "reference" / f"{block}.md": _page(block, every) for block, every in blocks.items()}


def _page(block: str, every: list[Specification]) -> str:
    told = promises(every)
    names = [one.law.name for one in told]
    anchors = [name + f"-{names[:at].count(name) + 1}" * (name in names[:at]) for at, name in enumerate(names)]
    return (
        _environment()
        .get_template("reference.md.jinja")
        .render(
            block=importlib.import_module(f"spec.{block}"),
            specifications=every,
            others={one.name: _only_of_variants(one) for one in every},
            interfaces=list(dict.fromkeys(one.interface for one in every)),
            types=_types(every),
            promises=list(zip(anchors, told, strict=True)),
            anchors={
                (which.name, one.law.name): anchor
                for anchor, one in zip(anchors, told, strict=True)
                for which in one.specifications
            },
        )
    )


def _only_of_variants(specification: Specification) -> list[str]:
    """The laws that it has only where something is declared."""
    own = {*(law.name for law in specification.laws), *(one.name for one in specification.anomalies)}
    return [one.law.name for one in promises([specification]) if one.law.name not in own]


def _types(every: list[Specification]) -> list[type]:
    """Configurations and answers that have something to say for themselves."""
    answers = [kind for one in every for kinds in one.operations.values() for kind in get_args(kinds) or (kinds,)]
    found = [*(one.configuration for one in every), *(kind for kind in answers if kind)]
    return [kind for kind in dict.fromkeys(found) if kind.__module__.startswith("spec.")]


def _environment() -> Environment:
    loader = FileSystemLoader(DOCS)
    made = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    made.filters |= {"doc": inspect.getdoc, "methods": _methods, "signature": _signature, "title": title}
    made.filters["sentence"] = lambda text: re.sub(r"\s+", " ", text)
    return made


def _methods(interface: type) -> list[Any]:
    """Of a protocol, with those it inherits."""
    return [
        method
        for base in reversed(interface.__mro__)
        for name, method in vars(base).items()
        if inspect.isfunction(method) and not name.startswith("_") and base.__module__.startswith("spec.")
    ]


def _signature(kind: Any) -> str:
    """As it is called, without `self` and the modules of types."""
    signature = inspect.signature(kind)
    if inspect.isclass(kind):
        signature = signature.replace(return_annotation=inspect.Signature.empty)
    text = str(signature).replace("(self, ", "(").replace("(self)", "()")
    return str(kind.__name__) + re.sub(r"\b(?:[a-z_]+\.)+([A-Z])", r"\1", text)


def main() -> None:
    """Write every page."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

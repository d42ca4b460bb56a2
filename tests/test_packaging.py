"""The packages that people install, and who may import whom (import-linter checks the layers)."""

import ast
import sys
from importlib.metadata import version
from pathlib import Path

import spec


def test_the_distribution_is_called_lawful() -> None:
    assert version("lawful")


def test_spec_imports_only_the_standard_library() -> None:
    for path in Path(spec.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            for name in names:
                assert name.partition(".")[0] in {"spec", *sys.stdlib_module_names}, f"{path} imports {name}"

"""A skeleton for whoever brings an implementation: it works, with the reference in the place of his."""

import inspect
import textwrap
from enum import Enum
from pathlib import Path

from conformance.session import UsageError
from impls.registry import Implementation, implementations
from spec.specification import Specification

SKELETON = '''\
"""{summary}

Here stands the reference. Put yours in its place, and translate between its words and these.
"""

from impls.registry import implementations
{imports}
Reference = implementations("{specification}")[0].factory


class {name}:
    """{configured}

    `env` is the world it lives in: `env.clock.now()` is the time in microseconds, `env.random` the only chance,
    `env.namespace` the beginning of every name on a server.
    """

    def __init__(self, config, env):
        self.yours = Reference(config, env)
{methods}'''

METHOD = """
    def {name}{signature}:
{doc}        return self.yours.{name}({arguments})
"""

TEST = """\
import conformance
from {module} import {name}

Test{name} = conformance.suite({arguments})
"""

WIDTH = 100


def scaffold(specification: Specification, directory: Path) -> list[Path]:
    """Write a skeleton and its test, and return where they are.

    Raises:
        UsageError: one of them is there already, or the directory cannot be made.
    """
    module = specification.short
    files = {
        directory / f"{module}.py": _skeleton(specification),
        directory / f"test_{module}.py": _test(specification, module),
    }
    for path in files:
        if path.exists():
            raise UsageError(f"{path} is there already; name another directory, or remove it")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"nothing can be written to {directory}: {error.strerror}") from error
    return list(files)


def class_name(specification: Specification) -> str:
    """Of the skeleton."""
    return "".join(part.capitalize() for part in specification.short.split("_"))


def _skeleton(specification: Specification) -> str:
    required = [name for name in specification.operations if name not in specification.optional]
    return SKELETON.format(
        summary=textwrap.fill(specification.summary, WIDTH),
        specification=specification.name,
        name=class_name(specification),
        configured=textwrap.fill(_configured(specification.configuration), WIDTH, subsequent_indent="    "),
        imports="".join(f"{line}\n" for line in _imports(specification, required)),
        methods="".join(_method(specification, name) for name in required),
    )


def _imports(specification: Specification, names: list[str]) -> list[str]:
    """Of what the methods have for defaults, where that is no literal."""
    parameters = [
        one
        for name in names
        for one in inspect.signature(getattr(specification.interface, name)).parameters.values()
        if isinstance(one.default, Enum)
    ]
    found = [f"from {type(one.default).__module__} import {one.default!r}" for one in parameters]
    return list(dict.fromkeys(found))


def _configured(configuration: type) -> str:
    first = " ".join((inspect.getdoc(configuration) or "").partition("\n\n")[0].split())
    return f"`config` is a {configuration.__name__}: {first}"


def _method(specification: Specification, name: str) -> str:
    method = getattr(specification.interface, name)
    signature = inspect.signature(method)
    bare = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
    text = inspect.getdoc(method) or ""
    doc = textwrap.indent(f'"""{text}\n"""\n' if "\n" in text else f'"""{text}"""\n', " " * 8) if text else ""
    return METHOD.format(
        name=name,
        signature=signature.replace(parameters=bare, return_annotation=inspect.Signature.empty),
        doc=doc,
        arguments=", ".join(one.name for one in bare if one.name != "self"),
    )


def _test(specification: Specification, module: str) -> str:
    reference: Implementation = implementations(specification.name)[0]
    name = class_name(specification)
    arguments = [f'"{specification.name}"', name]
    if not reference.capabilities:
        return TEST.format(module=module, name=name, arguments=", ".join(arguments))
    declared = ", ".join(f'"{one}"' for one in sorted(reference.capabilities))
    lines = "".join(f"    {one},\n" for one in (*arguments, f"capabilities={{{declared}}}"))
    return TEST.format(module=module, name=name, arguments=f"\n{lines}")

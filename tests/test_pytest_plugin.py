"""Laws as tests of pytest."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

MINE = """
import conformance
from acme import Generous

TestGenerous = conformance.suite("rate_limiting.token_bucket", Generous, examples=5{more})
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A directory of somebody who has a limiter in `acme.py`."""
    pytester.makepyfile(acme=Path(__file__).with_name("acme.py").read_text())
    pytester.syspathinsert()
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return pytester


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line]


def test_each_law_is_a_test_with_a_readable_id(project: pytest.Pytester) -> None:
    result = project.runpytest("--lawful", "token_bucket=acme:Generous", "--collect-only", "-q")
    assert "lawful::rate_limiting.token_bucket::acme:Generous::never_exceeds_burst" in ids(result)


def test_a_failure_shows_the_timeline_and_nothing_of_ours(project: pytest.Pytester) -> None:
    result = project.runpytest("--lawful", "token_bucket=acme:Generous", "--lawful-examples", "5")
    result.stdout.fnmatch_lines(
        [
            "*never_exceeds_burst*",
            "rate_limiting.token_bucket  acme:Generous violates never_exceeds_burst",
            "  Limit(*",
            "  >  *acquire(*",
            "  law: Any stretch of time*",
            "FAILED lawful::rate_limiting.token_bucket::acme:Generous::never_exceeds_burst*",
        ]
    )
    assert "conformance/" not in result.stdout.str()
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_without_paths_laws_alone_are_checked_and_with_paths_both(project: pytest.Pytester) -> None:
    project.makepyfile(test_own="def test_own(): pass")
    asked = "--lawful", "token_bucket=acme:Generous", "--collect-only", "-q"
    alone, both = project.runpytest(*asked), project.runpytest(*asked, "test_own.py")
    assert not any("test_own" in line for line in ids(alone))
    assert {line.partition("::")[0] for line in ids(both)} == {"lawful", "test_own.py"}


def test_laws_are_chosen_as_tests_are(project: pytest.Pytester) -> None:
    result = project.runpytest("--lawful", "rate_limiting", "-k", "memory and exceeds_burst", "--collect-only", "-q")
    assert ids(result) == [
        f"lawful::rate_limiting.{name}::memory::never_exceeds_burst"
        for name in ("token_bucket", "leaky_bucket", "gcra")
    ]


def test_an_implementation_is_run_once_for_all_its_laws(project: pytest.Pytester) -> None:
    project.makepyfile(
        counted="""
        from impls.rate_limiting.memory import TokenBucket
        made = 0
        def counted(config, env):
            global made
            made += 1
            return TokenBucket(config, env.clock)
        """
    )
    project.makeconftest(
        "def pytest_terminal_summary(terminalreporter):\n"
        "    import counted\n"
        "    terminalreporter.write_line(f'made {counted.made}')"
    )
    made = []
    for chosen in ("never_exceeds_burst", ""):
        result = project.runpytest_subprocess(
            "--lawful", "token_bucket=counted:counted", "--lawful-examples", "5", "-k", chosen
        )
        made += [line for line in result.outlines if line.startswith("made")]
    assert made[0] == made[1] != "made 0"


def test_ini_options_say_what_is_checked_and_how(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nlawful = token_bucket=acme:Generous\nlawful_profile = quick\nlawful_seed = 3")
    project.makepyfile("def test_own(): pass")
    result = project.runpytest("--collect-only", "-q")
    assert {line.partition("::")[0] for line in ids(result)} == {
        "lawful",
        "test_ini_options_say_what_is_checked_and_how.py",
    }


def test_the_laws_of_an_implementation_stay_together_on_one_of_many_workers(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess(
        "--lawful", "leaky_bucket=memory", "--lawful", "gcra=memory", "--lawful-examples", "3", "-n", "2", "-v"
    )
    workers: dict[str, set[str]] = {}
    for line in result.outlines:
        if line.startswith("[gw") and "::" in line:
            workers.setdefault(line.split("::")[1], set()).add(line[:5])
    assert {name: len(them) for name, them in workers.items()} == {
        "rate_limiting.leaky_bucket": 1,
        "rate_limiting.gcra": 1,
    }


def test_a_report_names_implementation_and_law(project: pytest.Pytester) -> None:
    project.runpytest("--lawful", "gcra=memory", "--lawful-examples", "3", "--junitxml", "report.xml")
    report = (project.path / "report.xml").read_text()
    assert 'classname="lawful.rate_limiting.gcra.memory" name="never_exceeds_burst"' in report


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("tokenbucket", "there is no specification 'tokenbucket'"),
        ("token_bucket=acme", "'acme' is no implementation"),
        ("token_bucket=acme:Nothing", "'Nothing' in acme does not exist"),
    ],
)
def test_what_does_not_exist_is_said_in_one_sentence(project: pytest.Pytester, asked: str, told: str) -> None:
    result = project.runpytest("--lawful", asked)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert told in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


# In a test module


def test_a_class_in_a_test_module_has_a_test_for_each_law(project: pytest.Pytester) -> None:
    project.makepyfile(MINE.format(more=""))
    result = project.runpytest("-v")
    result.stdout.fnmatch_lines(["*::TestGenerous::test_never_exceeds_burst FAILED*"])
    assert "violates never_exceeds_burst" in result.stdout.str()
    assert "conformance/" not in result.stdout.str()


def test_a_known_deviation_is_an_expected_failure_and_what_holds_after_all_is_told(project: pytest.Pytester) -> None:
    known = {"never_exceeds_burst": "it is generous", "keys_are_independent": "it is new"}
    project.makepyfile(MINE.format(more=f", deviations={known}"))
    result = project.runpytest("-rx")
    result.stdout.fnmatch_lines(["*keeps keys_are_independent, though declared to deviate: it is new"])
    result.stdout.fnmatch_lines(["XFAIL *::test_never_exceeds_burst - *it is generous*"])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (", deviations={'no_law': ''}", "has no law 'no_law' to deviate from"),
        (", capabilities={'flying'}", "has no capability 'flying' to declare"),
        (", profile='slow'", "there is no profile 'slow'; there are quick, default, thorough"),
    ],
)
def test_a_class_of_what_does_not_exist_is_refused(project: pytest.Pytester, more: str, told: str) -> None:
    project.makepyfile(MINE.format(more=more))
    assert told in project.runpytest().stdout.str()


def test_unused_it_imports_nothing() -> None:
    code = (
        "import sys, conformance.pytest_plugin;"
        "print([m for m in sys.modules if m.split('.')[0] in ('hypothesis', 'impls', 'spec', 'redis', 'sqlalchemy')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"

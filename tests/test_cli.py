"""The command, as people use it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from sqlalchemy import create_engine, text

from impls.backends import Backends, postgres_dialect
from spec.specification import specifications

LAWS = len(specifications()["rate_limiting.token_bucket"].laws)


def test_a_correct_implementation_passes(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:correct", "--examples", "60")
    assert answer.status == 0
    assert re.search(r"never_exceeds_burst +holds", answer.out)
    assert f"{LAWS} verdicts in" in answer.out
    assert "14 holds, 3 not applicable" in answer.out


def test_calls_that_cannot_be_held_are_not_held_against_an_implementation(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:in_process", "--capability", "shared", "--examples", "60")
    assert answer.status == 0
    assert "15 holds, 2 not applicable" in answer.out


def test_a_violation_is_shown_as_a_minimal_timeline(lawful: Any) -> None:
    answer = lawful("check", "rate_limiting.token_bucket", "acme:Generous")
    assert answer.status == 1
    assert re.match(
        r"token_bucket  acme:Generous   VIOLATED  never_exceeds_burst\n"
        r"  Limit\(limit=1, period=1s, burst=1\)\n"
        r"(  [ >]   0.000000  acquire\('a'.*\) -> allowed, remaining=1, reset_after=0s\n){1,2}"
        r"                2 admitted within 0s; at most 1 \+ 0 may be\n",
        answer.out,
    )
    assert max(map(len, answer.out.split("rate_limiting.token_bucket")[-1].splitlines())) <= 80


def test_an_answer_of_another_type_breaks_the_law_and_not_the_command(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:Wordy", "--examples", "20")
    assert answer.status == 1
    assert "the answer is a str without 'allowed': 'yes'" in answer.out
    assert "VIOLATED  answers_every_call" in answer.out


def test_json_has_a_verdict_for_each_law(lawful: Any, tmp_path: Path) -> None:
    lawful("check", "token_bucket", "acme:Generous", "--examples", "40", "--json", "out.json")
    verdicts = json.loads((tmp_path / "out.json").read_text())["verdicts"]
    assert len(verdicts) == LAWS
    assert set(verdicts[0]) == {
        *("specification", "implementation", "backend", "variant", "law", "verdict", "reason", "cases", "examples"),
        *("operations", "seconds", "counterexample"),
    }
    assert verdicts[0]["verdict"] == "violated"
    assert verdicts[0]["counterexample"]["trace"]["$"] == "Trace"


def test_json_on_stdout_is_nothing_but_json(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:correct", "--examples", "20", "--json", "-")
    assert json.loads(answer.out)["verdicts"]


def test_the_same_seed_gives_the_same_verdicts(lawful: Any) -> None:
    def verdicts(seed: str) -> Any:
        shutil.rmtree(".lawful", ignore_errors=True)  # what was found before is played first
        out = lawful("check", "token_bucket", "acme:Generous", "--examples", "30", "--seed", seed, "--json", "-").out
        return [{**verdict, "seconds": 0} for verdict in json.loads(out)["verdicts"]]

    assert verdicts("5") == verdicts("5")
    assert verdicts("5") != verdicts("6")


def test_quiet_is_silent_where_nothing_is_wrong(lawful: Any) -> None:
    answer = lawful("check", "gcra", "memory", "--profile", "quick", "--quiet")
    assert (answer.status, answer.out, answer.err) == (0, "", "")


def test_quiet_shows_what_is_wrong_and_nothing_else(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:Generous", "--profile", "quick", "--quiet")
    assert answer.status == 1
    assert answer.out.startswith("token_bucket  acme:Generous   VIOLATED  never_exceeds_burst\n")
    assert "verdicts in" not in answer.out
    assert "holds" not in answer.out


@pytest.mark.parametrize("terminal", ["xterm-256color", "dumb"])
def test_output_is_free_of_escapes_where_colour_is_not_wanted(
    lawful: Any, terminal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    answer = lawful("check", "token_bucket", "acme:Generous", "--profile", "quick")
    assert "\x1b" not in answer.out + answer.err


def test_a_soak_goes_on_to_the_first_violation(lawful: Any) -> None:
    answer = lawful("soak", "token_bucket", "acme:Generous", "--minutes", "60")
    assert answer.status == 1
    assert "VIOLATED  never_exceeds_burst" in answer.out
    assert answer.out.endswith("\n1 round, seeds 0 to 0\n")


def test_a_soak_ends_with_the_round_in_which_time_is_up(lawful: Any) -> None:
    answer = lawful("soak", "gcra", "memory", "--minutes", "0", "--seed", "7")
    assert answer.status == 0
    assert "15 holds, 3 not applicable\n1 round, seeds 7 to 7\n" in answer.out


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["nonsense"], "there is no specification 'nonsense'; there are caching.lru"),
        (["token_bucket", "acme"], "'acme' is no implementation of rate_limiting.token_bucket: write module:name"),
        (["token_bucket", "missing:x"], "there is no module 'missing'; run lawful from the directory it is in"),
        (["token_bucket", "imports:x"], "there is no module 'no_such_library'"),
        (["token_bucket", "bad_module:x"], "bad_module does not import: ZeroDivisionError"),
        (["token_bucket", "acme:missing"], "'missing' in acme does not exist; it must be callable"),
        (["token_bucket", "acme:number"], "'number' in acme is a int, no factory"),
        (["token_bucket", "acme:correct", "--json", "no/where.json"], "there is no directory no; make it first"),
        (["--examples", "0"], "Invalid value for '--examples'"),
    ],
)
def test_bad_usage_is_told_in_one_sentence(lawful: Any, args: list[str], sentence: str) -> None:
    answer = lawful("check", *args)
    assert answer.status == 2
    assert sentence in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["acme:broken"], "the factory raises OSError for Limit(limit=10, period=1s, burst=10): no disk"),
        (["acme:empty"], "without the method acquire; RateLimiter in spec/rate_limiting/types.py"),
        (["acme:needy", "--redis-url", "redis://localhost:1"], "Redis at redis://localhost:1 does not answer"),
        (
            ["impls.rate_limiting.postgres:token_bucket", "--postgres-url", "postgresql://me:secret@localhost:1/x"],
            "PostgreSQL at postgresql://me:***@localhost:1/x does not answer",
        ),
    ],
)
def test_what_cannot_be_run_is_told_and_never_passed(lawful: Any, args: list[str], sentence: str) -> None:
    answer = lawful("check", "token_bucket", *args)
    assert answer.status == 2
    assert sentence in " ".join(answer.out.split())
    assert f"{LAWS} not run" in answer.out
    assert "secret" not in answer.out


def test_list_names_specifications_implementations_and_laws(lawful: Any) -> None:
    answer = lawful("list")
    assert answer.status == 0
    assert "implementations: memory, postgres, redis" in answer.out
    assert "- peeking_changes_nothing (needs peek)" in answer.out


def test_backends_tells_what_there_is_and_what_is_missing(lawful: Any) -> None:
    answer = lawful("backends", "--postgres-url", "postgresql://localhost:1/x")
    assert answer.status == 2
    assert "embedded" in answer.out
    assert "PostgreSQL  missing: PostgreSQL at postgresql://localhost:1/x does not answer" in answer.out


def runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def killed_at_the_end(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Leave nothing to wait for when a test fails."""
    try:
        yield
    finally:
        process.kill()


def interrupted(what: list[str], begun: Callable[[list[psutil.Process]], bool], temporary: Path) -> None:
    """Run a check, send it Ctrl-C once it has begun, and see that it says so and that none of its processes is left."""
    command = [sys.executable, "-m", "conformance", "check", *what]
    with (
        subprocess.Popen(
            [*command, "--examples", "1000000"],
            env={**os.environ, "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        killed_at_the_end(process),
    ):
        while not begun(children := psutil.Process(process.pid).children(recursive=True)):
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "Traceback" not in err
    assert "stopped" in out
    all_end(children)


def all_end(processes: list[psutil.Process]) -> None:
    deadline = time.monotonic() + 10
    while running := [one for one in processes if runs(one)]:
        assert time.monotonic() < deadline, running
        time.sleep(0.01)


@pytest.mark.parametrize(
    "what",
    [
        ["token_bucket", "impls.rate_limiting.redis:token_bucket"],
        ["token_bucket", "impls.rate_limiting.postgres:token_bucket"],
        ["token_bucket", "--jobs", "3"],
    ],
    ids=["redis", "postgres", "workers"],
)
def test_after_ctrl_c_no_process_and_no_directory_is_left(what: list[str]) -> None:
    # Below /tmp, as the user that PostgreSQL runs as must be able to enter.
    temporary = Path(tempfile.mkdtemp())
    temporary.chmod(0o755)

    def begun(_: object) -> bool:
        return bool([*temporary.glob("lawful-postgres-*/*/postmaster.pid"), *temporary.glob("lawful-redis-*/socket")])

    interrupted(what, begun, temporary)
    assert list(temporary.iterdir()) == []
    shutil.rmtree(temporary)


def test_after_ctrl_c_a_given_server_is_as_it_was(backends: Backends, tmp_path: Path) -> None:
    engine = create_engine(postgres_dialect(backends.url("postgres")))

    def there(client: Any) -> tuple[set[str], int]:
        with engine.connect() as connection:
            return set(connection.execute(text("select nspname from pg_namespace")).scalars()), client.dbsize()

    with redis.Redis.from_url(backends.url("redis")) as client:
        before = there(client)

        def begun(_: object) -> bool:
            now = there(client)
            return now[0] > before[0] and now[1] > before[1]

        given = ["--redis-url", backends.url("redis"), "--postgres-url", backends.url("postgres")]
        interrupted(["token_bucket", "--jobs", "3", *given], begun, tmp_path)
        assert there(client) == before
    engine.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="the signal at a parent's death is Linux's")
def test_after_kill_no_process_is_left_and_the_next_run_removes_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = Path(tempfile.mkdtemp())
    temporary.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    command = [sys.executable, "-m", "conformance", "check", "token_bucket", "--jobs", "3", "--examples", "1000000"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True) as process, killed_at_the_end(process):
        while len(workers_of(process)) < 3:
            assert process.poll() is None
            time.sleep(0.01)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    all_end(children)
    assert [*temporary.glob("lawful-*")]
    with Backends() as backends:
        backends.url("redis")
    assert list(temporary.iterdir()) == []
    temporary.rmdir()


def workers_of(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """In the order of their start."""

    def is_worker(child: psutil.Process) -> bool:
        with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            return "--multiprocessing-fork" in child.cmdline()
        return False

    return [child for child in psutil.Process(process.pid).children() if is_worker(child)]


def test_a_worker_that_dies_costs_the_check_it_was_at_and_no_other() -> None:
    command = [sys.executable, "-m", "conformance", "check", "leaky_bucket"]
    with (
        subprocess.Popen(
            [*command, "--jobs", "2", "--examples", "20"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        killed_at_the_end(process),
    ):
        while len(workers := workers_of(process)) < 2:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        workers[0].kill()
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 2, out
    assert "its process died (Killed)" in out
    assert "not run" in out
    assert "holds" in out

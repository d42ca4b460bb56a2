"""A factory that raises NotImplementedError does not offer a configuration: others are tried, and it is told."""

import json
from typing import Any

import jsonschema

from conformance import session
from conformance.judge import Budget, Outcome
from impls.backends import Backends
from impls.rate_limiting.memory import TokenBucket
from impls.registry import Implementation
from spec.encoding import schema
from spec.environment import Environment
from spec.rate_limiting.types import SECOND, Limit
from spec.specification import specifications


def whole_seconds(limit: Limit, env: Environment) -> TokenBucket:
    if limit.period % SECOND:
        raise NotImplementedError("periods are whole seconds")
    return TokenBucket(limit, env.clock)


def nothing(limit: Limit, env: Environment) -> TokenBucket:
    raise NotImplementedError("it is not written yet")


class TooGenerous(TokenBucket):
    def __init__(self, limit: Limit, env: Environment) -> None:
        if limit.period != 60 * SECOND:
            raise NotImplementedError("a minute only")
        super().__init__(Limit(limit.limit, limit.period, limit.burst + 1), env.clock)


def check(factory: Any) -> session.Checked:
    implementation = Implementation("rate_limiting.token_bucket", "it", factory)
    return session.run(specifications()[implementation.specification], implementation, Budget(60), Backends())


def test_configurations_that_are_not_offered_are_left_out_and_counted() -> None:
    checked = check(whole_seconds)
    assert {verdict.outcome for verdict in checked.verdicts} <= {Outcome.HOLDS, Outcome.NOT_APPLICABLE}
    assert list(checked.not_offered) == ["periods are whole seconds"]
    assert checked.not_offered["periods are whole seconds"] > 5


def test_an_implementation_that_offers_nothing_is_not_run() -> None:
    verdicts = check(nothing).verdicts
    assert {verdict.outcome for verdict in verdicts} == {Outcome.NOT_RUN}
    assert "it is not written yet" in str(verdicts[0].reason)


def test_a_counterexample_keeps_to_what_is_offered() -> None:
    found = {verdict.law: verdict.counterexample for verdict in check(TooGenerous).verdicts}["never_exceeds_burst"]
    assert found
    assert found.trace.config.period == 60 * SECOND


def test_the_command_says_what_was_not_offered(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:whole_seconds", "--profile", "quick")
    assert answer.status == 0, answer.out
    assert "of the configurations: periods are whole seconds" in answer.out


def test_a_program_reads_what_was_not_offered(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:whole_seconds", "--profile", "quick", "--json", "-")
    report = json.loads(answer.out)
    jsonschema.Draft202012Validator(schema("report")).validate(report)
    (entry,) = report["not_offered"]
    assert (entry["implementation"], entry["reason"]) == ("acme:whole_seconds", "periods are whole seconds")
    assert entry["configurations"] > 0

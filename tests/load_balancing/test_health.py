"""Health checkers: correct ones keep every law, and how long a dead one is up is as tight as it is said to be."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conformance.environment import VirtualClock, World
from conformance.judge import Budget, Outcome, check
from conformance.load_balancing.health.modelled import Checker
from conformance.trace import Target
from impls.load_balancing.health.memory import InMemory
from spec.history import History, Operation, Raised
from spec.law import Violation
from spec.load_balancing import Checks
from spec.specification import specifications

HEALTH = specifications()["load_balancing.health_checker"]


class Plain:
    """The least that a health checker can offer, and right."""

    def __init__(self, config: Any, env: Any) -> None:
        self.config, self.clock = config, env.clock
        self.all = {name: {"up": config.initial == "up", "streak": 0, "sent": None} for name in config.members}
        self.open: dict[str, int] = {}
        self.undecided = set(config.members) if config.initial == "checking" else set()

    def due(self) -> list[str]:
        self.expire()
        now = self.clock.now()
        names = [
            name for name, one in self.all.items() if one["sent"] is None or one["sent"] + self.config.interval <= now
        ]
        for name in names:
            self.all[name]["sent"] = now
            self.open[name] = now + self.config.timeout
        return names[::-1]

    def report(self, name: str, ok: bool) -> None:
        self.expire()
        if name not in self.all:
            raise ValueError(name)
        if self.open.pop(name, None) is not None:
            self.result(self.all[name], name, ok)

    def is_up(self, name: str) -> bool:
        self.expire()
        return bool(self.all[name]["up"])

    def result(self, one: dict[str, Any], name: str, ok: bool) -> None:
        if name in self.undecided:
            self.undecided.discard(name)
            one["up"] = ok
        one["streak"] = 0 if ok == one["up"] else one["streak"] + 1
        if one["streak"] == (self.config.fall if one["up"] else self.config.rise):
            one["up"], one["streak"] = ok, 0

    def expire(self) -> None:
        for name in [name for name, deadline in self.open.items() if deadline <= self.clock.now()]:
            del self.open[name]
            self.result(self.all[name], name, False)


def memory(config: Any, env: Any) -> InMemory:
    return InMemory(config, env.clock)


@pytest.mark.parametrize("seed", range(1))
@pytest.mark.parametrize("factory", [memory, Checker])
def test_every_law_holds(factory: Any, seed: int) -> None:
    result = check(Target(HEALTH, factory, World()), Budget(seed=seed))
    assert {verdict.outcome for verdict in result.verdicts} == {Outcome.HOLDS}
    for sighting in result.sightings:
        assert sighting.witness, sighting.anomaly
        assert len(sighting.witness.trace.steps) <= 16


class Random(InMemory):
    """Any answer now and then, also one that makes no sense."""

    def __init__(self, config: Any, env: Any) -> None:
        self.random = env.random
        super().__init__(config, env.clock)

    def due(self) -> Any:
        right = sorted(super().due())
        return self.random.choice([right] * 6 + [right * 2, right[1:], [*right, "a"], None])

    def report(self, name: str, ok: bool) -> None:
        super().report(name, ok if self.random.random() < 0.9 else not ok)

    def is_up(self, name: str) -> Any:
        return self.random.choice([super().is_up(name)] * 6 + [True, False, None, name])

    def up(self) -> Any:
        return self.random.choice([super().up()] * 6 + [["a", "a"], 7])


@pytest.mark.parametrize("seed", range(1))
def test_laws_bear_any_answer(seed: int) -> None:
    outcomes = {one.law: one.outcome for one in check(Target(HEALTH, Random, World()), Budget(seed=seed)).verdicts}
    assert outcomes["agrees_with_model"] is outcomes["probes_every_interval"] is Outcome.VIOLATED


@pytest.mark.parametrize("seed", range(1))
def test_one_that_can_do_little_keeps_every_law_that_applies(seed: int) -> None:
    result = check(Target(HEALTH, Plain, World()), Budget(seed=seed))
    outcomes = {verdict.law: verdict.outcome for verdict in result.verdicts}
    optional = {one.name for one in HEALTH.laws if one.needs}
    assert {law for law, outcome in outcomes.items() if outcome is Outcome.NOT_APPLICABLE} == optional
    assert {outcome for law, outcome in outcomes.items() if law not in optional} == {Outcome.HOLDS}


def test_a_clock_of_its_own_will_do() -> None:
    checker = InMemory(Checks(("a",)))
    assert checker.due() == {"a"}
    assert checker.due() == set()


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize(("fall", "interval", "timeout"), [(1, 10, 10), (2, 10, 3), (3, 7, 1)])
def test_a_dead_server_is_detected_within_the_bounds_which_are_tight(
    fall: int, interval: int, timeout: int, hangs: bool
) -> None:
    took = {detection(Checks(("a",), 1, fall, interval, timeout), died, hangs) for died in range(interval)}
    # It dies after the probe of that moment: the next one is sent at most an interval later, and at least 1 us.
    more = timeout if hangs else 0
    assert min(took) == (fall - 1) * interval + 1 + more
    assert max(took) == fall * interval + more


def detection(config: Checks, died: int, hangs: bool) -> int:
    """How long it is up after it died, so long after a probe that went well."""
    clock = VirtualClock()
    checker, start = InMemory(config, clock), clock.now()
    while checker.is_up("a"):
        if checker.due():
            dead = clock.now() - start > died
            if not dead or not hangs:
                checker.report("a", not dead)
        if checker.is_up("a"):
            clock.sleep(1)
    return clock.now() - start - died


def test_of_many_threads_one_is_told_to_probe() -> None:
    clock = VirtualClock()
    checker = InMemory(Checks(tuple(map(str, range(200))), fall=1, interval=10, timeout=10), clock)

    def probe(_: int) -> list[str]:
        names = list(checker.due())
        for name in names:
            checker.report(name, False)
        return names

    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            assert sorted(name for names in pool.map(probe, range(8)) for name in names) == sorted(checker._slots)
            clock.sleep(10)
    assert checker.up() == set()


def test_what_is_over_is_not_kept() -> None:
    clock = VirtualClock()
    checker = InMemory(Checks(("a", "b"), interval=10, timeout=10), clock)
    for _ in range(1000):
        checker.due()
        checker.report("a", True)
        checker.set_members(("a", "c"))
        checker.set_members(("a", "b"))
        clock.sleep(5)
    assert len(checker._next) + len(checker._overdue) + len(checker._new) < 10


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ({"members": "ab"}, TypeError),
        ({"members": ("a", 1)}, TypeError),
        ({"members": ("a", "a")}, ValueError),
        ({"members": ("",)}, ValueError),
        ({"rise": 0}, ValueError),
        ({"fall": True}, TypeError),
        ({"interval": 0, "timeout": 0}, ValueError),
        ({"timeout": 0}, ValueError),
        ({"interval": 10, "timeout": 11}, ValueError),
        ({"interval": 1.5}, TypeError),
        ({"initial": "maybe"}, ValueError),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(bad: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Checks(**{"members": ("a",), **bad})


Told = tuple[int, str, dict[str, Any], Any]


def history(config: Checks, *told: Told) -> History:
    """Of calls at these times."""
    return History(
        config,
        tuple(
            Operation(at, name, args, when, when, 2 * at, 2 * at + 1, result)
            for at, (when, name, args, result) in enumerate(told)
        ),
    )


def due(when: int, *names: str) -> Told:
    return when, "due", {}, names


def report(when: int, ok: bool, name: str = "a") -> Told:
    return when, "report", {"name": name, "ok": ok}, None


def is_up(when: int, answer: Any, name: str = "a") -> Told:
    return when, "is_up", {"name": name}, answer


def set_members(when: int, *names: str) -> Told:
    return when, "set_members", {"names": names}, None


ONE = Checks(("a",), rise=1, fall=1, interval=10, timeout=4)
TWO = Checks(("a",), rise=2, fall=2, interval=10, timeout=4)
ANEW = Checks(("a",), rise=2, fall=2, interval=10, timeout=4, initial="checking")
FAILED = due(0, "a"), report(0, False)
BOTH_FAILED = *FAILED, due(10, "a"), report(10, False)
BACK = due(20, "a"), report(20, True), due(30, "a"), report(30, True)

CASES: list[tuple[str, Checks, tuple[Told, ...], int | None]] = [
    # the law, and how many cases it judges; None: it is violated
    ("down_after_exactly_fall", TWO, (*BOTH_FAILED, is_up(10, False)), 1),
    ("down_after_exactly_fall", TWO, (*BOTH_FAILED, is_up(10, True)), None),
    ("down_after_exactly_fall", TWO, (*FAILED, is_up(0, False)), None),
    ("down_after_exactly_fall", TWO, (is_up(0, True),), 0),
    ("up_after_exactly_rise", TWO, (*BOTH_FAILED, is_up(10, False), *BACK, is_up(30, True)), 1),
    ("up_after_exactly_rise", TWO, (*BOTH_FAILED, is_up(10, False), *BACK, is_up(30, False)), None),
    ("up_after_exactly_rise", TWO, (*BOTH_FAILED, is_up(10, False), *BACK[:2], is_up(20, True)), None),
    ("up_after_exactly_rise", TWO, FAILED, 0),
    ("one_result_does_not_flap", TWO, (is_up(0, True), *FAILED, is_up(0, True)), 1),
    ("one_result_does_not_flap", TWO, (is_up(0, True), *FAILED, is_up(0, False)), None),
    ("one_result_does_not_flap", TWO, (is_up(0, True), *BOTH_FAILED, is_up(10, False)), 0),
    ("one_result_does_not_flap", ONE, (is_up(0, True), *FAILED, is_up(0, False)), 0),
    ("one_result_does_not_flap", ANEW, (is_up(0, False), due(0, "a"), report(0, True), is_up(0, True)), 0),
    ("timeout_is_failure", ONE, (due(0, "a"), is_up(3, True), is_up(4, False)), 1),
    (
        "timeout_is_failure",
        ONE,
        (*FAILED, is_up(0, False), due(10, "a"), report(10, True), due(20, "a"), is_up(24, True)),
        None,
    ),
    ("timeout_is_failure", ONE, (due(0, "a"), is_up(4, True)), 1),  # or else it needs two failures
    ("late_report_changes_nothing", ONE, (due(0, "a"), report(0, True), report(0, False), is_up(0, True)), 1),
    ("late_report_changes_nothing", TWO, (*FAILED, report(0, False), is_up(0, True), is_up(0, False)), 2),
    (
        "late_report_changes_nothing",
        ONE,
        (due(0, "a"), report(0, True), is_up(0, True), report(0, False), is_up(0, False)),
        None,
    ),
    ("new_member_starts_as_declared", TWO, (is_up(0, True),), 1),
    ("new_member_starts_as_declared", ANEW, (is_up(0, True),), None),
    ("new_member_starts_as_declared", ANEW, (due(0, "a"), report(0, True), is_up(0, False)), None),
    ("new_member_starts_as_declared", ONE, (*FAILED, set_members(0), set_members(0, "a"), is_up(0, False)), None),
    ("survivors_keep_their_health", ONE, (*FAILED, is_up(0, False), set_members(0, "a", "b"), is_up(0, True)), None),
    ("survivors_keep_their_health", ONE, (*FAILED, set_members(0, "a", "b"), is_up(0, False)), 1),
    ("up_names_those_that_are_up", ONE, (is_up(0, True), (0, "up", {}, ("a",))), 1),
    ("up_names_those_that_are_up", ONE, ((0, "up", {}, ()), is_up(0, True)), None),
    ("up_names_those_that_are_up", ONE, ((0, "up", {}, ()), is_up(1, True)), 0),
    ("probes_every_interval", ONE, (due(3, "a"), due(12), due(13, "a"), due(30, "a"), due(39)), 5),
    ("probes_every_interval", ONE, (due(0, "a"), report(0, False), due(9, "a")), None),
    ("probes_every_interval", ONE, (due(0, "a"), due(10)), None),
    ("probes_every_interval", ONE, (due(0, "a", "a"),), None),
    ("probes_every_interval", ONE, (due(0),), None),
    ("removed_is_not_probed", ONE, (due(0, "a"), set_members(0, "b"), due(10, "b")), 1),
    ("removed_is_not_probed", ONE, (due(0, "a"), set_members(0, "b"), due(10, "a", "b")), None),
    ("rejects_bad_members", ONE, (set_members(0, "a", "a"),), None),
    ("rejects_bad_members", ONE, (set_members(0, "b"),), 0),
    ("unknown_names_are_refused", ONE, (is_up(0, False, "b"),), None),
    ("unknown_names_are_refused", ONE, (is_up(0, Raised("KeyError", "", "KeyError"), "b"),), 1),
    ("answers_every_call", ONE, (is_up(0, Raised("KeyError", "", "KeyError")),), None),
    ("agrees_with_model", ONE, (due(0, "a"), is_up(4, True)), None),
    # When the clock steps back, no law says anything from there on.
    ("down_after_exactly_fall", ONE, (due(5, "a"), report(5, False), is_up(4, True)), 0),
    ("probes_every_interval", ONE, (due(5, "a"), due(4, "a")), 1),
]


@pytest.mark.parametrize(("name", "config", "told", "judged"), CASES)
def test_a_law_says_what_it_must(name: str, config: Checks, told: tuple[Told, ...], judged: int | None) -> None:
    verdict = HEALTH.law(name)(history(config, *told))
    assert verdict == judged if judged is not None else isinstance(verdict, Violation)

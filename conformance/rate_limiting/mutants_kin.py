"""Leaky buckets, as meters and as queues, and the generic cell rate algorithm, with one mistake each."""

from conformance.mutants import mutant
from conformance.rate_limiting.modelled import Modelled
from spec.environment import Environment
from spec.rate_limiting.model import Gcra, LeakyBucket, LeakyQueue
from spec.rate_limiting.types import Decision, Limit, Queue

METER = "rate_limiting.leaky_bucket"
GCRA = "rate_limiting.gcra"
QUEUE = "rate_limiting.leaky_bucket_queue"


class Meter(Modelled):
    """A correct meter."""

    model = LeakyBucket()


class Cells(Modelled):
    """A correct GCRA."""

    model = Gcra()


class Shaper(Modelled):
    """A correct queue."""

    model = LeakyQueue()


@mutant(METER, killed_by="agrees_with_model")
class LeaksByTheMillisecond(Meter):
    """The bucket leaks once in a millisecond."""

    def now(self) -> int:
        return super().now() // 1000 * 1000


@mutant(METER, killed_by="never_exceeds_burst")
class OverflowsOnce(Meter):
    """A call is admitted while the bucket is not full, though it then overflows."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        if decision.allowed or not decision.remaining:
            return decision
        if take:
            level, now = self.states[key]
            self.states[key] = level + cost * self.config.period, now
        return decision._replace(allowed=True, remaining=0, retry_after=0)


@mutant(METER, killed_by="conforming_traffic_is_admitted")
class LeaksOnlyWhenAdmitted(Meter):
    """A refused call restarts the leak, so a client that retries too often never gets in."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        before, decision = self.states.get(key), super().ask(key, cost, take)
        if before and take and not decision.allowed:
            self.states[key] = before[0], self.now()
        return decision


@mutant(GCRA, killed_by="never_exceeds_burst")
class ToleranceOneTooMany(Cells):
    """The tolerance is `burst` intervals instead of one less, so one more call comes early."""

    def __init__(self, config: Limit, env: Environment) -> None:
        super().__init__(Limit(config.limit, config.period, config.burst + 1), env)


@mutant(GCRA, killed_by="idle_restores_exactly_the_burst")
class ArrivalStaysBehind(Cells):
    """The theoretical arrival time is not moved up to now, so a pause is saved up."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        before, decision = self.states.get(key), super().ask(key, cost, take)
        if take and before is not None and decision.allowed:
            self.states[key] = before + cost * self.config.period
        return decision


@mutant(GCRA, killed_by="refusal_consumes_nothing")
class RefusalMovesArrival(Cells):
    """A refused call moves the theoretical arrival time too."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        if take and not decision.allowed:
            self.states[key] += cost * self.config.period
        return decision


@mutant(GCRA, killed_by="decides_as_the_token_bucket")
class IntervalTruncated(Cells):
    """The interval between calls is period // limit, in whole microseconds."""

    def __init__(self, config: Limit, env: Environment) -> None:
        super().__init__(Limit(1, max(1, config.period // config.limit), config.burst), env)


@mutant(GCRA, killed_by="agrees_with_model")
class SecondsAsFloat(Cells):
    """The theoretical arrival time is kept in seconds, as a float."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        if take and decision.allowed and cost:
            seconds = self.states[key] / self.config.limit / 1e6
            self.states[key] = int(seconds * 1e6 * self.config.limit)
        return decision


@mutant(QUEUE, killed_by="departures_are_spaced")
class NothingWaits(Shaper):
    """Whatever is accepted may go at once."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        return super().ask(key, cost, take)._replace(delay=0)


@mutant(QUEUE, killed_by="departures_are_spaced")
class DelayInMilliseconds(Shaper):
    """The delay is rounded down to whole milliseconds."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        return decision._replace(delay=decision.delay // 1000 * 1000)


@mutant(QUEUE, killed_by="first_in_first_out")
class LastInFirstOut(Shaper):
    """The latest call goes first."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        longest = -(-self.config.size * self.config.period // self.config.limit)
        return decision._replace(delay=max(0, longest - decision.delay)) if decision.allowed and cost else decision


@mutant(QUEUE, killed_by="nobody_waits_longer_than_the_queue")
class AlwaysOneInterval(Shaper):
    """Every call waits one interval, also where nothing is ahead of it."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        decision = super().ask(key, cost, take)
        interval = -(-self.config.period // self.config.limit)
        return decision._replace(delay=decision.delay + interval) if decision.allowed and cost else decision


@mutant(QUEUE, killed_by="the_queue_is_bounded")
class OneMoreWaits(Shaper):
    """`<=` for `<`: one more than `size` waits."""

    def __init__(self, config: Queue, env: Environment) -> None:
        super().__init__(Queue(config.limit, config.period, config.size + 1), env)


@mutant(QUEUE, killed_by="refused_only_when_full")
class ExitCountsAsWaiting(Shaper):
    """The unit that leaves at once is counted as waiting."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        peeked = self.model.decide(self.config, self.states.get(key), self.now(), cost, take=False)[1]
        if cost and peeked.allowed and peeked.remaining == cost:
            return peeked._replace(allowed=False, retry_after=-(-self.config.period // self.config.limit), delay=0)
        return super().ask(key, cost, take)


@mutant(QUEUE, killed_by="idle_restores_exactly_the_burst")
class IdleTimeIsSaved(Shaper):
    """The exit counts as free since it last was used, so after a pause more is accepted than can wait."""

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        before, decision = self.states.get(key), super().ask(key, cost, take)
        if take and before is not None and decision.allowed:
            self.states[key] = before + cost * self.config.period
        return decision


@mutant(QUEUE, killed_by="clock_stepping_back_grants_nothing")
class StepBackEmptiesTheQueue(Shaper):
    """A clock that steps back throws away what waits."""

    def now(self) -> int:
        return self.clock.now()

    def ask(self, key: str, cost: int, take: bool) -> Decision:
        if self.now() < self.latest:
            self.states.pop(key, None)
        self.latest = self.now()
        return super().ask(key, cost, take)


@mutant(QUEUE, killed_by="agrees_with_model")
class QueueByTheMillisecond(Shaper):
    """The clock is read in whole milliseconds."""

    def now(self) -> int:
        return super().now() // 1000 * 1000

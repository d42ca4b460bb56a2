"""What a decision costs: asv's benchmarks of rate limiters, made from the registry of workloads."""

from benchmarks.as_asv import classes

globals().update(classes("rate_limiting"))

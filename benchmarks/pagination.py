"""What a page costs: asv's benchmarks of paginators, made from the registry of workloads."""

from benchmarks.as_asv import classes

globals().update(classes("pagination"))

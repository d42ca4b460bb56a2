"""Counters: a block with the same three rooms as Lawful's own."""

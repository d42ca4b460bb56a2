"""Adapters of libraries, a page each. A library that is not installed is left out; `lawful[third-party]` has all."""

"""Servers that evict by `maxmemory-policy`, and a cache that does as they promise."""

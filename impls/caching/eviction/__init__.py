"""Caches that evict."""

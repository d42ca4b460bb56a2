"""How caches that evict are exercised, and planted mistakes that prove it."""

"""How caches are exercised, and planted mistakes that prove it."""

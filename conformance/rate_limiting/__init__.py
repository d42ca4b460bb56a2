"""How rate limiters are exercised, and planted mistakes that prove it."""

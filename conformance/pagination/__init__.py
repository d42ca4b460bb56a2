"""How paginators are exercised, and planted mistakes that prove it."""

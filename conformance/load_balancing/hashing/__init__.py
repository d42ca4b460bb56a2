"""How what maps keys to backends is exercised."""

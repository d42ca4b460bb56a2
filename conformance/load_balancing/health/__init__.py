"""How health checkers are exercised."""

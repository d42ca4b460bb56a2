"""How balancers that pick are exercised."""

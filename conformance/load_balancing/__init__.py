"""How balancers are exercised."""

"""Rules and planted mistakes for servers with `maxmemory`."""

"""The processes (HTTP, worker, command line): the only package that knows HTTP, the environment or the clock."""

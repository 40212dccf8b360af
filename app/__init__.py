"""The processes: HTTP, worker, command line. The only package that knows HTTP, reads the environment or asks the clock."""

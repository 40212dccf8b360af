"""Processes that are to be killed: imports are paid for once, and no thread is forked."""

import multiprocessing

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.durability.writing", "tests.durability.sleeping"])

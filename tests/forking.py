"""Processes that have imported everything when they begin: it is paid for once, and no thread is forked."""

import multiprocessing

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.durability.writing", "tests.durability.sleeping", "tests.api.commands"])

"""Readers go in together, writers alone, and nobody waits for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

from memory.gate import Gate


def test_readers_are_in_together() -> None:
    gate, inside = Gate(), threading.Barrier(3)

    def read(_: int) -> None:
        with gate.reading():
            inside.wait(30)  # only passes if all three are in at once

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(read, range(3)))


def test_a_writer_is_alone() -> None:
    gate = Gate()
    readers, writers, wrong = [0], [0], []

    def read(_: int) -> None:
        with gate.reading():
            readers[0] += 1
            if writers[0]:
                wrong.append("a writer was in")
            readers[0] -= 1

    def write(_: int) -> None:
        with gate.writing():
            writers[0] += 1
            if writers[0] > 1:
                wrong.append("two writers were in")
            writers[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(write if number % 5 == 0 else read, number) for number in range(500)]
        for job in jobs:
            job.result(30)
    assert not wrong


def test_a_waiting_writer_goes_before_later_readers() -> None:
    gate, order = Gate(), []
    first_is_in, first_may_go = threading.Event(), threading.Event()

    def first() -> None:
        with gate.reading():
            first_is_in.set()
            first_may_go.wait(30)

    def write() -> None:
        with gate.writing():
            order.append("writer")

    def later() -> None:
        with gate.reading():
            order.append("reader")

    threads = [threading.Thread(target=first)]
    threads[0].start()
    first_is_in.wait(30)
    threads.append(threading.Thread(target=write))
    threads[1].start()
    while not gate._writers_waiting:
        pass
    threads.append(threading.Thread(target=later))
    threads[2].start()
    first_may_go.set()
    for thread in threads:
        thread.join(30)
    assert order == ["writer", "reader"]


def test_a_failure_inside_lets_the_next_one_in() -> None:
    gate = Gate()
    for entering in (gate.reading, gate.writing):
        try:
            with entering():
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    with gate.writing():
        pass

"""What works for a process ends with it."""

import multiprocessing
import os
import signal
import time

from gongkai.processes import end_with_parent


def _work(told) -> None:
    end_with_parent()
    told.send(os.getpid())
    time.sleep(60)


def _begin(told) -> None:
    multiprocessing.get_context("fork").Process(target=_work, args=(told,)).start()
    time.sleep(60)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_process_ends_with_the_one_it_works_for_though_that_is_killed():
    here, there = multiprocessing.Pipe()
    first = multiprocessing.get_context("fork").Process(target=_begin, args=(there,))
    first.start()
    second = here.recv()
    assert _runs(second)
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    until = time.monotonic() + 20
    while _runs(second) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(second)

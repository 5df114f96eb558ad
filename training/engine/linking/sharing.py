"""Chunks of a movie worked through by several processes at once.

Nothing is copied: processes are forked with the problem in their memory, and answer links. Only where a
problem says so, since forking is for processes that have nothing else going on; a judge, which may hold
threads of its own, is never forked."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from training.engine.linking.base import Links, Problem

Work = Callable[[Problem, int, int], Links]
LEAST_CHUNKS = 8
"""With fewer, a second process costs more than it saves."""
LOOKED_AFTER_S = 1.0
_shared: list[tuple[Problem, Work]] = []


def each_chunk(problem: Problem, work: Work) -> list[Links]:
    """What `work` makes of every chunk, in their order. Raises what `pause` raises."""
    spans = list(problem.spans())
    if problem.workers < 2 or problem.judge is not None or len(spans) < LEAST_CHUNKS:
        return [work(problem, first, last) for first, last in problem.chunks()]
    _shared.append((problem, work))
    try:
        return _forked(problem, spans)
    finally:
        _shared.pop()


def _forked(problem: Problem, spans: list[tuple[int, int]]) -> list[Links]:
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(problem.workers, fork, _begin, (os.getpid(),)) as pool:
        parts = []
        try:
            for links, (_, last) in zip(pool.map(_one, spans), spans, strict=True):
                parts.append(links)
                problem.pause(last / problem.found.frames)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return parts


def _begin(parent: int) -> None:
    """A process that shares the work ends when it is told to, and soon after the one that began it has."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOKED_AFTER_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _one(span: tuple[int, int]) -> Links:
    problem, work = _shared[-1]
    return work(problem, *span)

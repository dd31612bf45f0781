"""Ends what takes too long: one thread watches all statements, where timers would cost each a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

LOOKS_EVERY = 0.25  # seconds


@dataclass(eq=False)
class _Watched:
    until: float
    stop: Callable[[], None]
    late: threading.Event = field(default_factory=threading.Event)


class Patience:
    """What runs at the moment, and until when it may."""

    def __init__(self) -> None:
        self._running: set[_Watched] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def of(self, seconds: float, stop: Callable[[], None]) -> Iterator[threading.Event]:
        """Call `stop` from another thread when the block takes longer; the event yielded is then set.

        It may be late by as long as the watch looks away.
        """
        watched = _Watched(time.monotonic() + seconds, stop)
        with self._lock:
            self._running.add(watched)
            if self._thread is None or not self._thread.is_alive():  # a forked process has none
                self._thread = threading.Thread(target=self._watch, name="patience", daemon=True)
                self._thread.start()
        try:
            yield watched.late
        finally:
            with self._lock:
                self._running.discard(watched)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY)
            now = time.monotonic()
            with self._lock:
                # Ended under the lock: nothing else can have begun on the connection meanwhile.
                for watched in [one for one in self._running if one.until <= now]:
                    self._running.discard(watched)
                    watched.late.set()
                    with suppress(Exception):  # what is no longer there need not be stopped
                        watched.stop()

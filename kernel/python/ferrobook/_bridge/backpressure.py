"""Output that waits for its reader: a cell that prints or displays without end must not fill the memory.

ipykernel hands output to a thread that sends it, and lets any amount of it wait there. Here the thread that makes output
waits instead, once more than a little is on its way. That is what a pipe or a terminal does to a program, and an interrupt
gets through as it does there.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from ipykernel import iostream
from ipykernel.control import ControlThread
from IPython.core.getipython import get_ipython

#: What may wait to be sent, in messages and in bytes, before whoever makes more of it waits.
MESSAGES = 256
BYTES = 2**20

#: How much a stream takes in, in characters, before it is sent; less than that is sent after a moment.
CHUNK = 2**17

#: Seconds between two looks at what still waits.
NAP = 0.001


class IOPubThread(iostream.IOPubThread):
    """ipykernel's thread for output, with a bound on what waits in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Of these only the thread itself changes `_sent`; the others share `_accepted`.
        self._sent = (0, 0)
        self._accepted = (0, 0)
        self._lock = threading.Lock()
        super().__init__(*args, **kwargs)

    def start(self) -> None:
        """Start, with all that it takes to send: when no descriptors are left, it is too late for the first message."""
        super().start()
        self.schedule(lambda: self._event_pipe)

    def send_multipart(self, msg: list[Any], *args: Any, **kwargs: Any) -> None:
        """Schedule a message, then wait while too much is scheduled.

        In this order, so that what an interrupt finds waiting is sent all the same.
        """
        if self.thread.is_alive():
            size = _size(msg)
            with self._lock:
                messages, total = self._accepted
                self._accepted = (messages + 1, total + size)
        super().send_multipart(msg, *args, **kwargs)
        self._wait_for_room()

    def _really_send(self, msg: list[Any], *args: Any, **kwargs: Any) -> None:
        size = _size(msg)
        try:
            super()._really_send(msg, *args, **kwargs)
        finally:
            messages, total = self._sent
            self._sent = (messages + 1, total + size)

    def _wait_for_room(self) -> None:
        """Return when little enough waits to be sent.

        At once in this thread, which would wait for itself; in the thread for control messages, which must always answer;
        and where this thread does not run, in a forked child or at exit: there messages are not scheduled but sent.
        """
        while self._is_full() and self.thread.is_alive():
            current = threading.current_thread()
            if current is self.thread or isinstance(current, ControlThread):
                return
            time.sleep(NAP)

    def _is_full(self) -> bool:
        accepted, sent = self._accepted, self._sent
        return accepted[0] - sent[0] > MESSAGES or accepted[1] - sent[1] > BYTES


def _size(msg: list[Any]) -> int:
    return sum(memoryview(frame).nbytes for frame in msg)


class OutStream(iostream.OutStream):
    """ipykernel's stdout and stderr, sent in pieces of bounded size that wait for each other.

    ipykernel sends what was written in a fifth of a second as one message, however much that is.
    """

    #: ipykernel gives up on a flush after 10 s and says so on stderr; a slow reader may well take longer.
    flush_timeout = 60

    _unflushed = 0

    def write(self, string: str) -> int | None:
        """Write, and wait until it is on its way whenever a chunk is full."""
        if len(string) > CHUNK:
            for start in range(0, len(string), CHUNK):
                super().write(string[start : start + CHUNK])
                self._let_out()
            return len(string)
        written = super().write(string)
        self._unflushed += len(string)
        if self._unflushed >= CHUNK:
            self._let_out()
        return written

    def _let_out(self) -> None:
        self._unflushed = 0
        self.flush()
        _forget_recorded_output()


def _forget_recorded_output() -> None:
    """Drop what IPython has recorded of the running cell's text: all that a cell prints, for ``%notebook``."""
    shell = get_ipython()
    record = getattr(getattr(shell, "history_manager", None), "outputs", {})
    upcoming = getattr(shell, "execution_count", 0)
    # The record goes by the number that the cell began with, and IPython counts on before the cell runs.
    for count in (upcoming - 1, upcoming):
        for output in record.get(count, ()):
            if "stream" in output.bundle:
                output.bundle["stream"].clear()

"""The reading desk as a process that can be killed at any moment; the next one stands ready behind it."""

import os
import signal
import socket
import subprocess
import sys
import time

from lesion_core.bench.reading import ROOT, answers
from lesion_core.reading.database import URL_VARIABLE

#: Imports everything, then waits for a line before it takes the port.
_SCRIPT = "import sys; from dashboards.reading_desk.__main__ import main; sys.stdin.readline(); main()"


class Server:
    """Serves the reading desk on one port, whatever happens to its processes.

    Attributes:
        port: of this machine.
        url: of the page.
        kills: how often it was killed.
    """

    def __init__(self, database_url):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/reading/"
        self.kills = 0
        self._settings = {URL_VARIABLE: database_url, "GRADIO_SERVER_PORT": str(self.port), "OMP_NUM_THREADS": "1"}
        self._spare = self._spawn()
        self._running = None
        self.start()

    def start(self):
        """Let the one that stands ready serve, and make another ready."""
        self._running, spare = self._spare, None
        self._running.stdin.write("go\n")
        self._running.stdin.flush()
        until = time.monotonic() + 60
        while not answers(self.port):
            assert self._running.poll() is None, "the server ended by itself"
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.02)
        self._spare = spare or self._spawn()

    def kill(self):
        """Kill -9: no time to finish anything."""
        os.kill(self._running.pid, signal.SIGKILL)
        self._running.wait()
        self._running.stdin.close()
        self.kills += 1

    def close(self):
        for process in (self._running, self._spare):
            process.kill()
            process.wait()
            process.stdin.close()

    def _spawn(self):
        return subprocess.Popen(
            [sys.executable, "-c", _SCRIPT],
            env={**os.environ, **self._settings},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )

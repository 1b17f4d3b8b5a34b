"""JupyterLab that says where it listens, and ends when the process that started it is gone.

Takes the arguments of `jupyter lab`. The first line on stdout is a JSON object with `url` and `token`. When stdin
reaches its end, because the starter closed it or died in whatever way, the server and its kernels are shut down.
"""

import json
import os
import select
import signal
import sys
import threading
import time

from jupyterlab.labapp import LabApp

#: Seconds that the server may take to end its kernels, and itself.
LONGEST_SHUTDOWN = 30


def end_with_stdin() -> None:
    while not stdin_has_ended():
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    # A server that is told twice to stop may not get to its end. Kernels notice by themselves that it has gone.
    time.sleep(LONGEST_SHUTDOWN)
    os._exit(1)


def stdin_has_ended() -> bool:
    # Whoever shares stdin may have made it non-blocking, at any time: then a read without something to read fails.
    select.select([0], [], [])
    try:
        # os.read and not sys.stdin: a thread that waits inside a buffered reader blocks the interpreter's own exit.
        return not os.read(0, 1024)
    except BlockingIOError:
        return False


def main() -> None:
    threading.Thread(target=end_with_stdin, daemon=True).start()
    server = LabApp.initialize_server(argv=sys.argv[1:])

    def announce() -> None:
        said = {"url": server.connection_url, "token": server.identity_provider.token}
        print(json.dumps(said), flush=True)

    # The server listens from the first turn of its loop on; who comes before is refused.
    server.io_loop.add_callback(announce)
    server.start()


if __name__ == "__main__":
    main()

"""Starts an ipykernel with Ferrobook's extension. The kernel runs this file by its path.

It does what ``python -m ipykernel_launcher`` does, and works also in an environment in which the
``ferrobook`` package is not installed.
"""

import os
import signal
import sys

#: ``PR_SET_PDEATHSIG`` of ``prctl(2)``.
_SET_PARENT_DEATH_SIGNAL = 1

#: How many messages ZeroMQ keeps for a bridge that is slower than the cell.
IOPUB_MARK = 32


def main() -> None:
    """Run the kernel until it is shut down; the arguments are those of ``ipykernel_launcher``."""
    die_with_parent()
    folder = os.path.dirname(os.path.abspath(__file__))
    # Python puts a script's own folder first: the user's modules must not lose against ours.
    if sys.path and os.path.abspath(sys.path[0]) == folder:
        del sys.path[0]
    root = os.path.dirname(os.path.dirname(folder))
    if root not in sys.path:
        sys.path.append(root)

    import zmq
    from ipykernel import kernelapp
    from zmq.eventloop.zmqstream import ZMQStream

    from ferrobook._bridge import backpressure

    class PrivateIOPubThread(backpressure.IOPubThread):
        """Takes the output of forked processes on a socket in the kernel's private directory.

        ipykernel binds a TCP port for it, which every user of the machine can reach.
        """

        endpoint = ""

        def _setup_pipe_in(self) -> None:
            self._pipe_uuid = os.urandom(16)
            pipe_in = self.socket.context.socket(zmq.PULL)
            pipe_in.linger = 0
            pipe_in.bind(self.endpoint)
            self._pipe_in = ZMQStream(pipe_in, self.io_loop)
            self._pipe_in.on_recv(self._handle_pipe_msg)

        def _setup_pipe_out(self) -> tuple[zmq.Context, zmq.Socket]:
            # A forked process cannot use the context of its parent.
            context = zmq.Context()
            pipe_out = context.socket(zmq.PUSH)
            pipe_out.linger = 3000
            pipe_out.connect(self.endpoint)
            return context, pipe_out

    class KernelApp(kernelapp.IPKernelApp):
        """An ipykernel that loses no output.

        By default ZeroMQ drops silently what is more than 1000 messages ahead of its reader: a flood of displays while the
        machine is busy had holes. Without a mark at all it would keep everything. Here the thread that sends waits, and
        with it whoever prints (:mod:`ferrobook._bridge.backpressure`).
        """

        name = kernelapp.IPKernelApp.name

        def init_iopub(self, context: zmq.Context) -> None:
            private = self.transport == "ipc"
            if private:
                PrivateIOPubThread.endpoint = f"ipc://{self.ip}-forked"
            # The app makes its thread for output without asking which class to take.
            kernelapp.IOPubThread = PrivateIOPubThread if private else backpressure.IOPubThread
            options = {zmq.SNDHWM: IOPUB_MARK, zmq.XPUB_NODROP: 1}
            context.sockopts.update(options)
            super().init_iopub(context)
            for option in options:
                del context.sockopts[option]

    stream = "--IPKernelApp.outstream_class=ferrobook._bridge.backpressure.OutStream"
    KernelApp.launch_instance(argv=[stream, *sys.argv[1:], "--ext=ferrobook._bridge.relay"])


def die_with_parent() -> None:
    """Let the system kill this process when the bridge is gone.

    ipykernel looks for its parent by itself, but cannot while it is stopped.
    """
    bridge = os.environ.get("JPY_PARENT_PID")
    # Something else stands between where the interpreter is a script that starts another one.
    if sys.platform != "linux" or bridge != str(os.getppid()):
        return
    import ctypes

    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if bridge != str(os.getppid()):
        sys.exit("the process that started this kernel is gone")


if __name__ == "__main__":
    main()

"""Starts an ipykernel with Ferrobook's extension. The kernel runs this file by its path.

It does what ``python -m ipykernel_launcher`` does, and works also in an environment in which the
``ferrobook`` package is not installed.
"""

import os
import sys

#: How many messages ZeroMQ keeps for a bridge that is slower than the cell.
IOPUB_MARK = 32


def main() -> None:
    """Run the kernel until it is shut down; the arguments are those of ``ipykernel_launcher``."""
    package = os.path.dirname(os.path.abspath(__file__))
    # Python puts a script's own folder first: the user's modules must not lose against ours.
    if sys.path and os.path.abspath(sys.path[0]) == package:
        del sys.path[0]
    root = os.path.dirname(package)
    if root not in sys.path:
        sys.path.append(root)

    import zmq
    from ipykernel import kernelapp

    from ferrobook import backpressure

    # The app makes its thread for output without asking which class to take.
    kernelapp.IOPubThread = backpressure.IOPubThread

    class KernelApp(kernelapp.IPKernelApp):
        """An ipykernel that loses no output.

        By default ZeroMQ drops silently what is more than 1000 messages ahead of its reader: a flood of displays while the
        machine is busy had holes. Without a mark at all it would keep everything. Here the thread that sends waits, and
        with it whoever prints (:mod:`ferrobook.backpressure`).
        """

        name = kernelapp.IPKernelApp.name

        def init_iopub(self, context: zmq.Context) -> None:
            options = {zmq.SNDHWM: IOPUB_MARK, zmq.XPUB_NODROP: 1}
            context.sockopts.update(options)
            super().init_iopub(context)
            for option in options:
                del context.sockopts[option]

    stream = "--IPKernelApp.outstream_class=ferrobook.backpressure.OutStream"
    KernelApp.launch_instance(argv=[stream, *sys.argv[1:], "--ext=ferrobook.relay"])


if __name__ == "__main__":
    main()

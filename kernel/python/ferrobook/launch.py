"""Starts an ipykernel with Ferrobook's extension. The kernel runs this file by its path.

It does what ``python -m ipykernel_launcher`` does, and works also in an environment in which the
``ferrobook`` package is not installed.
"""

import os
import sys


def main() -> None:
    """Run the kernel until it is shut down; the arguments are those of ``ipykernel_launcher``."""
    package = os.path.dirname(os.path.abspath(__file__))
    # Python puts a script's own folder first: the user's modules must not lose against ours.
    if sys.path and os.path.abspath(sys.path[0]) == package:
        del sys.path[0]
    root = os.path.dirname(package)
    if root not in sys.path:
        sys.path.append(root)

    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance(argv=[*sys.argv[1:], "--ext=ferrobook.relay"])


if __name__ == "__main__":
    main()

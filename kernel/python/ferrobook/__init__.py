"""Ferrobook: Python and Rust cells in one notebook.

The kernel loads :mod:`ferrobook.relay` into the ipykernel that runs a notebook's Python cells.
"""

__version__ = "0.1.0"

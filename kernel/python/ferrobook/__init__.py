"""Ferrobook: Python and Rust cells in one notebook.

What stands here is for users and for their configuration files. The kernel's own part is in ``_bridge``, the command's in
``_command``.
"""

__version__ = "0.1.0"

"""What the panel of variables shows of Python's: names, types and sizes, and single values when they are opened.

The bridge evaluates :func:`listing` and :func:`value` beside the cells and reads their JSON. Both look at objects of every
kind, so nothing that an object does may end them.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from IPython.core.getipython import get_ipython

#: Characters that are shown of one value.
LONGEST = 20_000

#: What is in the namespace and is not a variable to people.
_NO_VARIABLES = (ModuleType, FunctionType, BuiltinFunctionType, type)


class Answer:
    """Something that the bridge reads as JSON."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def _repr_json_(self) -> Any:
        return self.content

    def __repr__(self) -> str:
        return "an answer to the bridge"


def listing() -> Answer:
    """All variables of the user's, by name."""
    shell = get_ipython()
    hidden = shell.user_ns_hidden
    # The namespace may change meanwhile: cells start threads.
    variables = [
        {"name": name, "type": _type_of(value), "size": size_of(value)}
        for name, value in list(shell.user_ns.items())
        if not name.startswith("_") and name not in hidden and not isinstance(value, _NO_VARIABLES)
    ]
    return Answer(sorted(variables, key=lambda variable: variable["name"]))


def value(name: str) -> Answer:
    """A variable's value as a MIME bundle, or why there is none."""
    shell = get_ipython()
    if name not in shell.user_ns:
        return Answer({"problem": f"There is no variable {name} any more."})
    found = shell.user_ns[name]
    if isinstance(found, (str, bytes, bytearray)) and len(found) > LONGEST:
        # Writing all of it would take as long as it is large.
        data = {"text/plain": repr(found[:LONGEST])}
    else:
        data, _ = shell.display_formatter.format(found, include={"text/plain", "text/html"})
    if not data:
        return Answer({"problem": f"{_type_of(found)} cannot be shown: its repr fails."})
    return Answer(
        {"data": {mime: _shortened(text) for mime, text in data.items() if _fits(mime, text)}}
    )


def size_of(value: Any) -> int | None:
    """The bytes that ``value`` takes: of arrays and tables all of them, of containers without what is in them."""
    kind = type(value)
    try:
        if hasattr(kind, "memory_usage"):  # pandas
            usage = value.memory_usage(index=True)
            return int(usage if isinstance(usage, int) else usage.sum())
        if hasattr(kind, "estimated_size"):  # polars
            return int(value.estimated_size())
        if hasattr(kind, "nbytes"):  # NumPy, PyArrow, PyTorch, memoryview
            return int(value.nbytes)
        return sys.getsizeof(value)
    except Exception:
        return None


def _type_of(value: Any) -> str:
    kind = type(value)
    builtin = kind.__module__ == "builtins"
    name = kind.__qualname__ if builtin else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}{_shape_of(value)}"


def _shape_of(value: Any) -> str:
    """Lengths of the dimensions of arrays and tables, nothing of others."""
    try:
        shape = value.shape if hasattr(type(value), "shape") else ()
        return f" {' × '.join(str(int(length)) for length in shape)}" if shape else ""
    except Exception:
        return ""


def _fits(mime: str, text: Any) -> bool:
    # A part of HTML is no HTML.
    return mime == "text/plain" or (isinstance(text, str) and len(text) <= 10 * LONGEST)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

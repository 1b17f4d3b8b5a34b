"""Python cells, judged by Jupyter's own kernel test suite. Every attribute is set, so that no check is left out."""

# ruff: noqa: RUF012 (the suite defines its samples as mutable class attributes)
from __future__ import annotations

import jupyter_kernel_test


class PythonCells(jupyter_kernel_test.KernelTests):
    """The `ferrobook` kernel used as if it were ipykernel."""

    kernel_name = "ferrobook"
    language_name = "python"
    file_extension = ".py"

    code_hello_world = "print('hello, world')"
    code_stderr = "import sys\nprint('careful', file=sys.stderr)"
    completion_samples = [
        {"text": "zi", "matches": {"zip"}},
        {"text": "import colle", "matches": {"collections"}},
        # Code points beyond the basic plane take two UTF-16 units, and one place in `cursor_pos`.
        {"text": "'🦀🦀'.isalph", "matches": {"isalpha"}},
        {"text": "%%ru", "matches": {"%%ruby", "%%rust"}},
        {"text": "%%rust --ti", "matches": {"--time"}},
    ]
    complete_code_samples = [
        "1",
        "print('hello, world')",
        "def f(x):\n    return x\n\n\n",
        "%%python\n1",
    ]
    incomplete_code_samples = ["print('''hello", "def f(x):\n    x*2", "for i in range(3):"]
    invalid_code_samples = ["import = 7q", "x = ]", "%%python\nimport = 7q"]
    code_page_something = "zip?"
    code_generate_error = "raise ValueError('bad value')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
        {"code": "%%python\n'marked'", "result": "'marked'"},
        {"code": "from IPython.display import HTML; HTML('<b>bold</b>')", "mime": "text/html"},
    ]
    code_display_data = [
        {
            "code": "from IPython.display import HTML, display; display(HTML('<b>bold</b>'))",
            "mime": "text/html",
        },
        {
            "code": "from IPython.display import Math, display; display(Math('x^2'))",
            "mime": "text/latex",
        },
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    """JEP 65: a subscriber hears first that its subscription holds."""

    kernel_name = "ferrobook"
    support_iopub_welcome = True

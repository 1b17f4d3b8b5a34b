"""A notebook whose language is Rust, judged by Jupyter's own kernel test suite. Every attribute is set, so that no
check is left out."""

# ruff: noqa: RUF012 (the suite defines its samples as mutable class attributes)
from __future__ import annotations

import jupyter_kernel_test
from test_rust_cells import CLEAR_OUTPUT, COMPLETE_A_FIELD, SHOW_BADGE


class RustNotebook(jupyter_kernel_test.KernelTests):
    """The `ferrobook-rust` kernel: a notebook written for evcxr's own kernel runs unchanged."""

    kernel_name = "ferrobook-rust"
    language_name = "rust"
    file_extension = ".rs"

    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("careful");'
    completion_samples = [
        {"text": COMPLETE_A_FIELD, "matches": {"spokes"}},
        {"text": "%%pyth", "matches": {"%%python"}},
        {"text": "%%python\nzi", "matches": {"zip"}},
    ]
    complete_code_samples = ["1", "fn twice(x: u8) -> u8 { 2 * x }", ":vars", "%%python\n1"]
    incomplete_code_samples = [
        "fn twice(x: u8) -> u8 {",
        'let s = r#"no end"',
        "%%python\nfor i in range(3):",
    ]
    invalid_code_samples = ["let = 7;", ")", "%%python\nimport = 7q"]
    code_page_something = "?Vec"
    code_generate_error = "let small: u8 = 256;"
    code_execute_result = [
        {"code": "40 + 2", "result": "42"},
        {"code": 'format!("{:?}", Some(1))', "result": '"Some(1)"'},
        {"code": "%%python\n[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
    ]
    code_display_data = [
        {"code": SHOW_BADGE, "mime": "text/html"},
        {"code": "%timing", "mime": "application/vnd.ferrobook.timing+json"},
        {
            "code": "%%python\nfrom IPython.display import HTML, display; display(HTML('<b>bold</b>'))",
            "mime": "text/html",
        },
    ]
    code_history_pattern = "40 ? 2"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "fn twice(x: u8) -> u8 { 2 * x }\ntwice"
    code_clear_output = CLEAR_OUTPUT


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    """JEP 65: a subscriber hears first that its subscription holds."""

    kernel_name = "ferrobook-rust"
    support_iopub_welcome = True

"""Rust cells in a Python notebook, judged by Jupyter's own kernel test suite. Every attribute is set, so that no check
is left out."""

# ruff: noqa: RUF012 (the suite defines its samples as mutable class attributes)
from __future__ import annotations

import jupyter_kernel_test

#: A value that draws itself, shown before the cell ends.
SHOW_BADGE = r"""
struct Badge(&'static str);
impl Badge {
    fn evcxr_display(&self) {
        println!("EVCXR_BEGIN_CONTENT text/html\n<b>{}</b>\nEVCXR_END_CONTENT", self.0);
    }
}
Badge("ready").evcxr_display();
println!("after the badge");
"""

CLEAR_OUTPUT = r"""
println!("EVCXR_BEGIN_CONTENT application/vnd.ferrobook.clear-output+json\n{{\"wait\": false}}\nEVCXR_END_CONTENT");
"""

COMPLETE_A_FIELD = """
struct Wheel { spokes: u8 }
let wheel = Wheel { spokes: 36 };
wheel.spo"""


class RustCells(jupyter_kernel_test.KernelTests):
    """The `ferrobook` kernel, where `%%rust` makes a Rust cell. `language_info` stays Python's."""

    kernel_name = "ferrobook"
    language_name = "python"
    file_extension = ".py"

    code_hello_world = '%%rust\nprintln!("hello, world");'
    code_stderr = '%%rust\neprintln!("careful");'
    completion_samples = [
        {"text": f"%%rust{COMPLETE_A_FIELD}", "matches": {"spokes"}},
        # Code points beyond the basic plane: two UTF-16 units, four bytes, one place in `cursor_pos`.
        {"text": f"%%rust\n// 🦀🦀{COMPLETE_A_FIELD}", "matches": {"spokes"}},
        {"text": "%%rust\n%tim", "matches": {"%timing"}},
    ]
    complete_code_samples = [
        "%%rust\n1",
        '%%rust\nprintln!("hello, world");',
        "%%rust\nfn twice(x: u8) -> u8 {\n    2 * x\n}",
        '# a comment of the notebook\'s own language\n%%rust\nlet s = "}";',
    ]
    incomplete_code_samples = [
        "%%rust\nfn twice(x: u8) -> u8 {",
        '%%rust\nlet s = "no end',
        "%%rust\nlet v = vec![1, 2,",
        "%%rust\n/* no end",
    ]
    invalid_code_samples = ["%%rust\nlet = 7;", "%%rust\n)", "%%rust\nfn f(] {}"]
    code_page_something = "%%rust\n?Vec"
    code_generate_error = '%%rust\npanic!("bad value");'
    code_execute_result = [
        {"code": "%%rust\n1 + 2 + 3", "result": "6"},
        {"code": "%%rust\nvec![1, 4, 9]", "result": "[1, 4, 9]"},
        {"code": '%%rust\nlet word = "kept";\nword.to_string()', "result": '"kept"'},
    ]
    code_display_data = [
        {"code": f"%%rust{SHOW_BADGE}", "mime": "text/html"},
        {"code": "%%rust --time\nlet timed = 1;", "mime": "application/vnd.ferrobook.timing+json"},
        {"code": "%%rust --help", "mime": "text/plain"},
    ]
    code_history_pattern = "%%rust*1 + 2 + 3"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "%%rust\nfn twice(x: u8) -> u8 { 2 * x }\ntwice"
    code_clear_output = f"%%rust{CLEAR_OUTPUT}"

//! What comes of evcxr's code, and the way back.

use crate::names::SHARED_CRATES;
use crate::origin::{Line, Origin};
use std::collections::BTreeSet;

/// What is compiled instead of the code that evcxr has written.
#[derive(Debug, Default)]
pub struct Rendered {
    pub text: String,
    pub origin: Origin,
    /// The variables that the cell does not mention, and that are not there for it.
    pub left_out: BTreeSet<String>,
}

impl Rendered {
    /// Has the cell linked with the library that holds its crates.
    pub fn use_shared_crates(&mut self) {
        let number = self.text.lines().count() as u64;
        self.text.push_str(&shared_crates_line());
        if !self.origin.lines.is_empty() {
            self.origin.lines.extend((0..SHARED_CRATES_LINES).map(|_| Line { number, inserted: Vec::new() }));
        }
    }
}

/// Whether the code is to be linked with the library that holds its crates.
pub fn uses_shared_crates(text: &str) -> bool {
    text.ends_with(&shared_crates_line())
}

/// The code, linked with the crates themselves; `None` when it is so already.
pub fn without_shared_crates(text: &str) -> Option<&str> {
    text.strip_suffix(&shared_crates_line())
}

const SHARED_CRATES_LINES: usize = 2;

fn shared_crates_line() -> String {
    format!("\n#[allow(unused_imports)] use {SHARED_CRATES} as _;\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_with_the_crates_is_named_behind_all_code() {
        let lines = vec![Line { number: 7, inserted: Vec::new() }];
        let mut rendered = Rendered { text: "fn f() {}\n".to_owned(), origin: Origin { lines }, ..Rendered::default() };
        assert!(!uses_shared_crates(&rendered.text));
        rendered.use_shared_crates();
        assert!(uses_shared_crates(&rendered.text));
        assert_eq!(without_shared_crates(&rendered.text), Some("fn f() {}\n"));
        assert_eq!(rendered.text.lines().count(), rendered.origin.lines.len());
        assert_eq!(rendered.origin.of(1, 4), (7, 4));
    }
}

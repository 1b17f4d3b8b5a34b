//! Names that the host's prelude and the rewritten code agree on.

use std::borrow::Cow;

/// The trait that shows values; the host's prelude defines it, or one that only has its name.
pub const SHOW_TRAIT: &str = "FerrobookShow";

/// The method that evcxr calls to show the value of a cell.
pub const SHOW_METHOD: &str = "evcxr_display";

/// The type of a thread-local key that all cells share; the host's prelude defines it.
pub const SHARED_THREAD_LOCAL: &str = "FerrobookLocal";
/// The macro that makes such keys of what `thread_local!` takes; the host's prelude defines it.
pub const SHARED_THREAD_LOCALS_MACRO: &str = "ferrobook_thread_local";

/// What cells call the library that holds their crates, and what the names of all these libraries begin with.
pub const SHARED_CRATES: &str = "ferrobook_crates";

/// How the names begin of the modules in which the definitions of types stand, with the digits of a fingerprint behind it.
pub const DEFINITION: &str = "ferrobook_";
const DIGITS: usize = 16;

/// Whether the name is that of a type or a trait of the host's prelude.
pub fn is_preludes(name: &str) -> bool {
    [SHOW_TRAIT, SHARED_THREAD_LOCAL].contains(&name)
}

/// A compiler's text without the modules of definitions: `Item` for `ferrobook_0123456789abcdef::Item`.
pub fn without_definitions(text: &str) -> Cow<'_, str> {
    if !text.contains(DEFINITION) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(DEFINITION) {
        let (before, found) = rest.split_at(at);
        let end = DEFINITION.len() + DIGITS;
        let is_one =
            found.get(DEFINITION.len()..end).is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let (skipped, kept) = match found.get(end..) {
            Some(after) if is_one && after.starts_with("::") => (end + "::".len(), 0),
            _ => (DEFINITION.len(), DEFINITION.len()),
        };
        plain.push_str(before);
        plain.push_str(&found[..kept]);
        rest = &found[skipped..];
    }
    plain.push_str(rest);
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_the_modules_of_definitions() {
        for (text, plain) in [
            ("expected `ferrobook_0123456789abcdef::Item`, found `a`", "expected `Item`, found `a`"),
            ("ferrobook_0123456789abcdef::A, m::ferrobook_0123456789abcdee::B", "A, m::B"),
            ("ferrobook_static_x ferrobook_0123456789abcdef ferrobook_é ferrobook_", ""),
            ("", ""),
        ] {
            let plain = if plain.is_empty() { text } else { plain };
            assert_eq!(without_definitions(text), plain);
        }
    }
}

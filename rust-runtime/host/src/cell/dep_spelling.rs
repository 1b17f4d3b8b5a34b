//! `:dep` lines as people have written them, in the spelling that cargo reads.

use regex::Regex;
use std::sync::LazyLock;

/// The key as cargo took it until the 2024 edition.
#[expect(clippy::unwrap_used, reason = "the pattern is a constant, and a test compiles it")]
static OLD_KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(^|[\s,{])default_features(\s*=)").unwrap());

/// What stands behind `:dep`, without a comment or a semicolon at its end, and with `default-features` where it says
/// `default_features`.
pub fn for_cargo(arguments: &str) -> String {
    let text = &arguments[..end_of_code(arguments)];
    let text = text.trim().trim_end_matches(';').trim_end();
    OLD_KEY.replace_all(text, "${1}default-features${2}").into_owned()
}

/// The byte at which a comment begins: TOML's, or Rust's.
fn end_of_code(text: &str) -> usize {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match quote {
            Some(open) if open == char => quote = None,
            Some(_) => {}
            None if char == '"' || char == '\'' => quote = Some(char),
            None if char == '#' || text[at..].starts_with("//") => return at,
            None => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::for_cargo;

    #[test]
    fn spellings() {
        for (written, cargos) in [
            (r#"a = "1""#, r#"a = "1""#),
            (r#"a = "1" // words"#, r#"a = "1""#),
            (r#"a = { version = "1" } # words; more"#, r#"a = { version = "1" }"#),
            (r#"a = "1"; "#, r#"a = "1""#),
            (
                r#"a = { git = "https://x/y#z", default_features = false, features = ["default_features"] }"#,
                r#"a = { git = "https://x/y#z", default-features = false, features = ["default_features"] }"#,
            ),
            (r#"a = {default_features=false}"#, r#"a = {default-features=false}"#),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(for_cargo(written), cargos);
        }
    }
}

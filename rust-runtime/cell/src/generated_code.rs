//! Changes that the code which evcxr generates around a cell needs before it is compiled. No line moves, because
//! evcxr finds the user's code in compiler messages by line number.

/// The failing `?` of a cell is printed by an `impl From<T>`; on stderr nobody could tell it from the cell's own output.
pub fn mark_user_error(source: &str) -> Option<String> {
    const IMPL: &str = "> From<T> for EvcxrUserCodeError {";
    let start = source.find(IMPL)?;
    let call = start + source[start..].find("eprintln!(\"")?;
    let format = call + "eprintln!(\"".len();
    let end = format + source[format..].find("\", error);")?;
    Some(format!(
        "{}println!(\"EVCXR_BEGIN_CONTENT ferrobook/error\\n{}\\nEVCXR_END_CONTENT{}",
        &source[..call],
        &source[format..end],
        &source[end..]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_failing_question_mark_becomes_a_block() {
        let source = "impl<T: std::fmt::Display> From<T> for EvcxrUserCodeError {\n fn from(error: T) -> Self {\n \
                      eprintln!(\"{}\", error);\nprintln!(\"{}\", X);";
        let changed = mark_user_error(source).unwrap();
        assert!(changed.contains(r#"println!("EVCXR_BEGIN_CONTENT ferrobook/error\n{}\nEVCXR_END_CONTENT", error);"#));
        assert_eq!(changed.lines().count(), source.lines().count());
    }

    #[test]
    fn other_code_stays() {
        assert_eq!(mark_user_error("eprintln!(\"{}\", error);"), None);
    }
}

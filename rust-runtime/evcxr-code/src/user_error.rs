//! The failing `?` of a cell: evcxr has an `impl From<T> for EvcxrUserCodeError` print the error, which on stderr nobody
//! could tell from the cell's own output. It is printed as a block instead.

use crate::change::{Change, Replacement};
use crate::tokens::{bytes, lines, sequences};
use ra_ap_syntax::SyntaxToken;
use std::ops::Range;

/// The type that the errors of a cell become.
pub const ERROR: &str = "EvcxrUserCodeError";

/// How evcxr prints the error.
#[derive(Debug)]
pub struct UserError {
    /// The call of `eprintln!`.
    call: Range<usize>,
    /// The format as it is written, without its quotes.
    format: Range<usize>,
}

impl UserError {
    /// In evcxr's implementation.
    pub fn find(source: &str, tokens: &[SyntaxToken]) -> Option<Self> {
        let start = sequences(tokens, &["From", "<", "T", ">", "for", ERROR, "{"]).next()?;
        let call = start + sequences(&tokens[start..], &["eprintln", "!", "("]).next()?;
        let [name, _, _, format, comma, error, close, ..] = &tokens[call..] else { return None };
        let format = bytes(format.text_range());
        let is_string = source[format.clone()].len() >= 2 && source[format.clone()].starts_with('"');
        let known = [comma.text(), error.text(), close.text()] == [",", "error", ")"];
        (is_string && known).then(|| Self {
            call: usize::from(name.text_range().start())..usize::from(close.text_range().end()),
            format: format.start + 1..format.end - 1,
        })
    }

    /// Lets it be printed as a block.
    pub fn as_block(&self, source: &str) -> Change {
        let lines = lines(source, self.call.clone());
        let before = &source[lines.start..self.call.start];
        let format = &source[self.format.clone()];
        let after = &source[self.call.end..lines.end];
        let block = r"EVCXR_BEGIN_CONTENT ferrobook/error\n";
        let text = format!(r#"{before}println!("{block}{format}\nEVCXR_END_CONTENT", error){after}"#);
        (lines, Replacement::Text(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::{EDITION, significant_tokens};
    use ra_ap_syntax::SourceFile;
    use ra_ap_syntax::ast::AstNode;

    fn found(source: &str) -> Option<UserError> {
        let file = SourceFile::parse(source, EDITION).tree();
        let tokens: Vec<SyntaxToken> = significant_tokens(file.syntax()).collect();
        UserError::find(source, &tokens)
    }

    #[test]
    fn only_evcxrs_own_message() {
        let source = r#"
impl<T: std::fmt::Debug> From<T> for EvcxrUserCodeError {
    fn from(error: T) -> Self {
        eprintln!("{:#?}", error);
        EvcxrUserCodeError {}
    }
}
"#;
        let (lines, replacement) = found(source).unwrap().as_block(source);
        assert_eq!(source[lines], *"        eprintln!(\"{:#?}\", error);\n");
        let block = r#"        println!("EVCXR_BEGIN_CONTENT ferrobook/error\n{:#?}\nEVCXR_END_CONTENT", error);
"#;
        assert_eq!(replacement, Replacement::Text(block.into()));
        assert!(found(r#"eprintln!("{}", error);"#).is_none());
    }
}

//! The compiler's messages as an editor wants them: places in the cell, and changes that would help.

use crate::cell::Cell;
use crate::diagnostics::render::{self, INTERNAL, Renderings, Source, UserSpan};
use annotate_snippets::Renderer;
use evcxr::CompilationError;
use ferrobook_protocol::build::MOST_MESSAGES;
use ferrobook_protocol::{Diagnostic, Edit, Fix, Position, Severity, Span};
use serde_json::Value;
use std::collections::HashSet;

/// What is wrong with the cell, and what is doubtful in it.
pub fn all(errors: &[CompilationError], renderings: &Renderings) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = Vec::new();
    for error in errors {
        if all.len() == MOST_MESSAGES {
            break;
        }
        let diagnostic = diagnostic(error, renderings);
        let is_told = diagnostic.spans.iter().any(|span| span.primary) || !needs_position(&diagnostic);
        let is_new =
            !all.iter().any(|known| (&known.message, &known.spans) == (&diagnostic.message, &diagnostic.spans));
        if is_told && is_new {
            all.push(diagnostic);
        }
    }
    all
}

/// An error that evcxr does not see, at a byte of the cell.
pub fn syntax_error(cell: &Cell, position: usize, message: &str) -> Diagnostic {
    let range = render::char_at(&cell.source, position);
    let (start, end) = (position_of(&cell.source, range.start), position_of(&cell.source, range.end));
    Diagnostic {
        severity: Severity::Error,
        code: None,
        message: message.to_owned(),
        rendered: render::syntax_report(cell, position, message, &Renderer::plain()),
        spans: vec![Span { start, end, label: None, primary: true }],
        fixes: Vec::new(),
    }
}

/// Whether it is nothing to tell when it is about code elsewhere: a warning about an earlier cell, which was told it, or
/// that a variable cannot be kept because it was moved, which is no error in a notebook.
fn needs_position(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Warning || matches!(diagnostic.code.as_deref(), Some("E0382" | "E0505"))
}

fn diagnostic(error: &CompilationError, renderings: &Renderings) -> Diagnostic {
    let wrong = renderings.wrong(error);
    let rendered = renderings.render(&wrong, &mut HashSet::new(), &Renderer::plain());
    let span = |marked: UserSpan, label: Option<&str>, primary| match marked.source {
        Source::Cell => Some(Span {
            start: position_of(&renderings.cell.source, marked.range.start),
            end: position_of(&renderings.cell.source, marked.range.end),
            label: label.map(str::to_owned),
            primary,
        }),
        Source::Earlier { .. } => None,
    };
    let mut spans: Vec<Span> = if wrong.json.is_null() {
        renderings.spans_of(error).into_iter().filter_map(|marked| span(marked, None, true)).collect()
    } else {
        let found = wrong.json["spans"].as_array().into_iter().flatten().filter_map(|json| {
            span(renderings.find(json)?, json["label"].as_str(), json["is_primary"].as_bool() == Some(true))
        });
        found.collect()
    };
    spans.sort_by_key(|span| !span.primary);
    let children = wrong.json["children"].as_array().into_iter().flatten();
    Diagnostic {
        severity: if error.level() == "warning" { Severity::Warning } else { Severity::Error },
        code: wrong.code.map(str::to_owned),
        rendered,
        spans,
        fixes: children.filter_map(|child| fix(child, renderings)).collect(),
        message: wrong.message,
    }
}

/// The change that a message of rustc's suggests, when all of it is in the cell.
fn fix(child: &Value, renderings: &Renderings) -> Option<Fix> {
    let spans = child["spans"].as_array()?;
    let is = |applicability: &str| spans.iter().all(|span| span["suggestion_applicability"] == applicability);
    let sure = is("MachineApplicable");
    if !sure && !is("MaybeIncorrect") {
        return None;
    }
    let edits: Option<Vec<Edit>> = spans.iter().map(|span| edit(span, renderings)).collect();
    let mut edits = edits.filter(|edits| !edits.is_empty())?;
    edits.sort_by_key(|edit| edit.start);
    // Alternatives come as one message, too.
    let overlap = edits.windows(2).any(|pair| pair[0].end > pair[1].start || pair[0].start == pair[1].start);
    let message = child["message"].as_str()?.to_owned();
    (!overlap).then_some(Fix { message, sure, edits })
}

fn edit(span: &Value, renderings: &Renderings) -> Option<Edit> {
    let text = span["suggested_replacement"].as_str()?;
    if INTERNAL.iter().any(|name| text.contains(name)) {
        return None;
    }
    let UserSpan { source: Source::Cell, range } = renderings.find_directly(span)? else { return None };
    let source = &renderings.cell.source;
    Some(Edit { start: position_of(source, range.start), end: position_of(source, range.end), text: text.to_owned() })
}

fn position_of(source: &str, byte: usize) -> Position {
    let before = &source[..source.floor_char_boundary(byte)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: number(line), column: number(column) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_code_points() {
        let source = r#"let é = "🦀";
x"#;
        assert_eq!(position_of(source, source.find('"').unwrap()), Position { line: 1, column: 9 });
        assert_eq!(position_of(source, source.find(';').unwrap()), Position { line: 1, column: 12 });
        assert_eq!(position_of(source, source.len()), Position { line: 2, column: 2 });
    }
}

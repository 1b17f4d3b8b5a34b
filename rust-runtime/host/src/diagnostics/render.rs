//! rustc's errors, as rustc prints them, about the cell's own lines.
//!
//! evcxr hands over the JSON of each error, whose spans are those of the generated `lib.rs`.

use crate::cell::Cell;
use crate::diagnostics::source_map::{Place, SourceMap};
use crate::program::Program;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use evcxr::CompilationError;
use ferrobook_protocol::CellError;
use serde_json::Value;
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

pub struct Renderings<'a> {
    /// rustc's own messages. evcxr passes only a note on when the error itself is in code that it generated.
    pub messages: &'a [Value],
    pub cell: &'a Cell,
    pub map: &'a SourceMap,
    pub program: &'a Program,
    /// How many lines stood above the cell in what evcxr was given.
    pub above: usize,
}

/// Names that only our own code and evcxr's generated code have.
pub const INTERNAL: [&str; 5] = ["evcxr_", "ferrobook_", "Ferrobook", "EvcxrUserCodeError", "run_user_code_"];

/// One error of a cell for all that is wrong with it, named after the first.
pub fn error(errors: &[CompilationError], renderings: &Renderings) -> CellError {
    let mut relevant: Vec<&CompilationError> = errors.iter().filter(|error| error.level() != "warning").collect();
    if relevant.is_empty() {
        relevant = errors.iter().collect();
    }
    let wrongs: Vec<Wrong> = relevant.into_iter().map(|error| renderings.wrong(error)).collect();
    let mut seen = HashSet::new();
    let mut traceback = Vec::new();
    for wrong in &wrongs {
        let text = renderings.render(wrong, &mut seen, &Renderer::styled());
        if !traceback.contains(&text) {
            traceback.push(text);
        }
    }
    let first = wrongs.first();
    let mut evalue = first.map_or_else(|| "compilation failed".to_owned(), |wrong| wrong.message.clone());
    if let Some(dependent) = renderings.dependent(&wrongs) {
        evalue = format!("{dependent}: {evalue}");
        traceback.push(format!("{dependent}; everything is as before this cell."));
    }
    CellError { ename: first.and_then(|wrong| wrong.code).unwrap_or("error").to_owned(), evalue, traceback }
}

/// An error that evcxr does not see, at a byte of the cell.
pub fn syntax_error(cell: &Cell, position: usize, message: &str) -> CellError {
    CellError {
        ename: "error".to_owned(),
        evalue: message.to_owned(),
        traceback: vec![syntax_report(cell, position, message, &Renderer::styled())],
    }
}

pub fn syntax_report(cell: &Cell, position: usize, message: &str, renderer: &Renderer) -> String {
    let annotation = AnnotationKind::Primary.span(char_at(&cell.source, position));
    let snippet = Snippet::source(&cell.source).path("cell").annotation(annotation);
    renderer.render(&[Level::ERROR.primary_title(message).element(snippet)])
}

/// How the linker was called: two thousand characters about files that nobody knows. What it says stands below.
fn is_linker_command(note: &str) -> bool {
    note.starts_with(" \"") || note.starts_with("some arguments are omitted")
}

/// The character that begins at a byte.
pub fn char_at(source: &str, position: usize) -> Range<usize> {
    position..source[position..].chars().next().map_or(position, |char| position + char.len_utf8())
}

/// One error, in rustc's JSON or, when evcxr made it itself, as evcxr describes it.
pub struct Wrong<'a> {
    error: &'a CompilationError,
    pub json: &'a Value,
    pub code: Option<&'a str>,
    pub message: String,
}

/// Code that a span can be in.
pub enum Source<'a> {
    Cell,
    /// An item that an earlier cell defined, with its first line there.
    Earlier {
        text: &'a str,
        line: usize,
    },
}

/// A span in code of the user.
pub struct UserSpan<'a> {
    pub source: Source<'a>,
    pub range: Range<usize>,
}

impl Renderings<'_> {
    pub fn wrong<'w>(&'w self, error: &'w CompilationError) -> Wrong<'w> {
        let is_child =
            |message: &&Value| message["children"].as_array().is_some_and(|children| children.contains(&error.json));
        let json = match self.messages.iter().find(is_child) {
            Some(whole) if !error.json.is_null() => whole,
            _ => &error.json,
        };
        let message = match json["message"].as_str() {
            Some(message) => message.replace("`evcxr_variable_store`", "the end of the cell"),
            None => error.message(),
        };
        Wrong { error, json, code: json["code"]["code"].as_str(), message }
    }

    /// What was said once is not said again: `seen` are the notes that are known.
    pub fn render(&self, wrong: &Wrong, seen: &mut HashSet<String>, renderer: &Renderer) -> String {
        let title = level(wrong.json["level"].as_str().unwrap_or("error")).primary_title(&wrong.message);
        let title = match wrong.code {
            Some(code) => title.id(code),
            None => title,
        };
        let mut report = vec![Group::with_title(title)];
        if wrong.json.is_null() {
            report = self.spanned(wrong.error, report);
        } else {
            let mut main = report.remove(0);
            let spans = self.annotate(&wrong.json["spans"]);
            let found = !spans.is_empty();
            for element in spans {
                main = main.element(element);
            }
            if !found && let Some(origin) = self.foreign(&wrong.json["spans"]) {
                main = main.element(origin);
            }
            report = vec![main];
            for child in wrong.json["children"].as_array().into_iter().flatten() {
                report = self.child(child, report, seen);
            }
        }
        if let Some(advice) = advice(wrong.code)
            && seen.insert(advice.to_owned())
        {
            report = append(report, Level::HELP.message(advice));
        }
        renderer.render(&report)
    }

    /// An error that evcxr made itself.
    fn spanned<'s>(&'s self, error: &CompilationError, mut report: Vec<Group<'s>>) -> Vec<Group<'s>> {
        let spans = self.spans_of(error).into_iter();
        let annotations: Vec<Annotation> = spans.map(|marked| AnnotationKind::Primary.span(marked.range)).collect();
        if !annotations.is_empty() {
            report = append(report, self.snippet(&Source::Cell).annotations(annotations));
        }
        report
    }

    /// What an error is about that evcxr made itself: it knows the cell's lines.
    pub fn spans_of(&self, error: &CompilationError) -> Vec<UserSpan<'_>> {
        let place = |line: usize, column| self.offset(Place { line: line.saturating_sub(self.above), column });
        let spans = error.spanned_messages().iter().filter_map(|message| message.span);
        let found = spans.filter_map(|span| {
            let start = place(span.start_line, span.start_column)?;
            let end = place(span.end_line, span.end_column)?;
            (start <= end).then_some(UserSpan { source: Source::Cell, range: start..end })
        });
        found.collect()
    }

    fn child<'s>(&'s self, child: &'s Value, report: Vec<Group<'s>>, seen: &mut HashSet<String>) -> Vec<Group<'s>> {
        let Some(message) = child["message"].as_str() else { return report };
        if INTERNAL.iter().any(|name| message.contains(name)) || is_linker_command(message) {
            return report;
        }
        let level = level(child["level"].as_str().unwrap_or("note"));
        let spans = child["spans"].as_array().map_or(&[][..], Vec::as_slice);
        let suggestions = spans.iter().filter(|span| span["suggested_replacement"].is_string());
        let patches: Vec<(UserSpan, &str)> =
            suggestions.filter_map(|span| Some((self.find(span)?, span["suggested_replacement"].as_str()?))).collect();
        let patches: Vec<_> = patches
            .into_iter()
            .filter(|(marked, replacement)| {
                matches!(marked.source, Source::Cell) && !INTERNAL.iter().any(|name| replacement.contains(name))
            })
            .collect();
        if !patches.is_empty() {
            let patches = patches.into_iter().map(|(marked, replacement)| Patch::new(marked.range, replacement));
            return append_group(
                report,
                level
                    .secondary_title(message)
                    .element(Snippet::source(&self.cell.source).path("cell").patches(patches)),
            );
        }
        if !spans.is_empty() {
            let snippets = self.annotate(&child["spans"]);
            if !snippets.is_empty() {
                return append_group(report, level.secondary_title(message).elements(snippets));
            }
            if let Some(origin) = self.foreign(&child["spans"]) {
                return append_group(report, level.secondary_title(message).element(origin));
            }
        }
        if !seen.insert(message.to_owned()) {
            return report;
        }
        append(report, level.message(message))
    }

    /// The spans that are in code of the user, with their labels: the cell's, then those of earlier cells.
    fn annotate<'s>(&'s self, spans: &'s Value) -> Vec<Snippet<'s, Annotation<'s>>> {
        let mut cell = Vec::new();
        let mut earlier: Vec<(Source, Vec<Annotation>)> = Vec::new();
        for span in spans.as_array().into_iter().flatten() {
            let Some(marked) = self.find(span) else { continue };
            let kind = match span["is_primary"].as_bool() {
                Some(true) => AnnotationKind::Primary,
                _ => AnnotationKind::Context,
            };
            let annotation = kind.span(marked.range).label(span["label"].as_str());
            match marked.source {
                Source::Cell => cell.push(annotation),
                Source::Earlier { text, line } => {
                    let same = |known: &&mut (Source, Vec<Annotation>)| matches!(known.0, Source::Earlier { text: other, .. } if other == text);
                    match earlier.iter_mut().find(same) {
                        Some((_, annotations)) => annotations.push(annotation),
                        None => earlier.push((Source::Earlier { text, line }, vec![annotation])),
                    }
                }
            }
        }
        let mut snippets = Vec::new();
        if !cell.is_empty() {
            snippets.push(self.snippet(&Source::Cell).annotations(cell));
        }
        for (source, annotations) in earlier {
            snippets.push(self.snippet(&source).annotations(annotations));
        }
        snippets
    }

    fn snippet<'s>(&'s self, source: &Source<'s>) -> Snippet<'s, Annotation<'s>> {
        match source {
            Source::Cell => Snippet::source(&self.cell.source).path("cell"),
            Source::Earlier { text, line } => Snippet::source(*text).line_start(*line).path("an earlier cell"),
        }
    }

    /// A place in a file of a crate or of the standard library.
    fn foreign<'s>(&self, spans: &'s Value) -> Option<Origin<'s>> {
        let spans = spans.as_array()?;
        let span = spans.iter().find(|span| span["is_primary"].as_bool() == Some(true)).or(spans.first())?;
        let file = span["file_name"].as_str()?;
        if self.is_generated(file) {
            return None;
        }
        let number = |name: &str| usize::try_from(span[name].as_u64()?).ok();
        let mut origin = Origin::path(file);
        if let (Some(line), Some(column)) = (number("line_start"), number("column_start")) {
            origin = origin.line(line).char_column(column);
        }
        Some(origin)
    }

    fn is_generated(&self, file: &str) -> bool {
        file == "src/lib.rs" || self.program.is_generated(Path::new(file))
    }

    /// Finds a span in the user's code, through the macros that it came from.
    pub fn find(&self, span: &Value) -> Option<UserSpan<'_>> {
        self.find_directly(span).or_else(|| {
            let outer = &span["expansion"]["span"];
            if outer.is_object() { self.find(outer) } else { None }
        })
    }

    pub fn find_directly(&self, span: &Value) -> Option<UserSpan<'_>> {
        if !self.is_generated(span["file_name"].as_str()?) {
            return None;
        }
        let number = |name: &str| usize::try_from(span[name].as_u64()?).ok();
        let (first, last) = (number("line_start")?, number("line_end")?);
        let (from, to) = (number("column_start")?, number("column_end")?);
        if let (Some(start), Some(end)) = (self.map.to_cell(first, from), self.map.to_cell(last, to)) {
            let (start, end) = (self.offset(start)?, self.offset(end)?);
            return (start <= end).then_some(UserSpan { source: Source::Cell, range: start..end });
        }
        if let Some((start, end)) = self.map.wrapped(first, last) {
            let (start, end) = (self.offset(start)?, self.offset(end)?);
            return Some(UserSpan { source: Source::Cell, range: start..end });
        }
        let (item, start) = self.map.to_earlier(&self.program.items, first, from)?;
        let (_, end) = self.map.to_earlier(&self.program.items, last, to)?;
        let within = |place: Place| {
            let shift = if place.line == item.line { item.column } else { 0 };
            let place = Place { line: place.line + 1 - item.line, column: place.column.saturating_sub(shift) };
            offset(&item.text, place)
        };
        let (start, end) = (within(start)?, within(end)?);
        let source = Source::Earlier { text: &item.text, line: item.line };
        (start <= end).then_some(UserSpan { source, range: start..end })
    }

    fn offset(&self, place: Place) -> Option<usize> {
        offset(&self.cell.source, place)
    }
}

/// The byte at which a place is; a column behind the end of its line is that end.
fn offset(source: &str, place: Place) -> Option<usize> {
    let mut start = 0;
    for (index, line) in source.split_inclusive('\n').enumerate() {
        if index + 1 == place.line {
            let text = line.trim_end_matches(['\n', '\r']);
            let column = place.column.saturating_sub(1);
            return Some(start + text.char_indices().nth(column).map_or(text.len(), |(byte, _)| byte));
        }
        start += line.len();
    }
    // The end of a cell that ends with a newline is on a line that `split_inclusive` does not have.
    (place.column == 1 || place.line > 1).then_some(source.len())
}

fn append<'s>(mut report: Vec<Group<'s>>, element: impl Into<annotate_snippets::Element<'s>>) -> Vec<Group<'s>> {
    if let Some(last) = report.pop() {
        report.push(last.element(element));
    }
    report
}

fn append_group<'s>(mut report: Vec<Group<'s>>, group: Group<'s>) -> Vec<Group<'s>> {
    report.push(group);
    report
}

fn level(name: &str) -> Level<'static> {
    match name {
        "warning" => Level::WARNING,
        "note" | "failure-note" => Level::NOTE,
        "help" => Level::HELP,
        _ => Level::ERROR,
    }
}

/// What rustc cannot know: that these are variables of other cells.
fn advice(code: Option<&str>) -> Option<&'static str> {
    match code? {
        "E0384" | "E0596" => Some("a variable of an earlier cell can be made mutable like this: `let mut x = x;`"),
        "E0597" => Some(
            "variables that are kept for later cells cannot hold references, unless they are 'static; \
                         code in braces keeps its variables to itself",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = "let größe = 1;\nx";
        assert_eq!(offset(source, Place { line: 1, column: 9 }), Some("let größ".len()));
        assert_eq!(offset(source, Place { line: 1, column: 99 }), Some("let größe = 1;".len()));
        assert_eq!(offset(source, Place { line: 2, column: 2 }), Some(source.len()));
    }
}

//! Writes the protocol as TypeScript, and fails when the file in `kernel/` is not what it would write.
//! `UPDATE=1 cargo test --release -p ferrobook-protocol` writes the file.

use super::*;
use std::fmt::Write as _;
use std::path::PathBuf;
use ts_rs::TS;

#[test]
fn kernel_knows_this_protocol() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../kernel/src/languages/rust/protocol.ts");
    let generated = generate();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "protocol.ts is stale: run `npm run generate`.\n{generated}");
}

fn generate() -> String {
    let mut out = String::from("// Generated from rust-runtime/protocol/src by `npm run generate`; do not edit.\n");
    declare::<Request>(&mut out);
    declare::<NotebookCell>(&mut out);
    declare::<CellOptions>(&mut out);
    declare::<Question>(&mut out);
    declare::<Event>(&mut out);
    declare::<Answer>(&mut out);
    declare::<Variable>(&mut out);
    declare::<VariableValue>(&mut out);
    declare::<CacheUsage>(&mut out);
    declare::<Versions>(&mut out);
    declare::<SnapshotPolicy>(&mut out);
    declare::<StreamName>(&mut out);
    declare::<Status>(&mut out);
    declare::<CompletenessStatus>(&mut out);
    declare::<CellError>(&mut out);
    declare::<Diagnostic>(&mut out);
    declare::<Severity>(&mut out);
    declare::<Span>(&mut out);
    declare::<Position>(&mut out);
    declare::<Fix>(&mut out);
    declare::<Edit>(&mut out);
    declare::<CellTiming>(&mut out);
    declare::<LivePhase>(&mut out);
    declare::<BuildProgress>(&mut out);
    declare::<Build>(&mut out);
    declare::<Phase>(&mut out);
    declare::<Completion>(&mut out);
    out
}

fn declare<T: TS>(out: &mut String) {
    let config = ts_rs::Config::default();
    let declaration = T::decl(&config);
    let (head, body) = declaration.split_once(" = ").unwrap();
    let docs = T::docs().unwrap_or_default();
    write!(out, "\n{docs}export {head} =").unwrap();
    out.push_str(&layout(&strip_comments(body)));
    out.push('\n');
}

/// Doc comments of fields and variants stay in Rust: between the members they would break the layout below.
fn strip_comments(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, comment)) = rest.split_once("/**") {
        out.push_str(before);
        rest = comment.split_once("*/").unwrap().1.trim_start();
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "'").replace(", }", " }").replace(" };", " }")
}

/// Lays a declaration out as prettier does (single quotes, 80 columns wide at most a member).
fn layout(body: &str) -> String {
    let body = body.trim_end_matches(';').trim();
    let alternatives = split(body, '|');
    if alternatives.len() == 1 {
        return format!(" {};", object(body, 0));
    }
    let line = format!(" {};", alternatives.join(" | "));
    if !body.contains('{') {
        return line;
    }
    let mut out = String::new();
    for alternative in alternatives {
        write!(out, "\n  | {}", object(&alternative, 2)).unwrap();
    }
    out + ";"
}

fn object(text: &str, indent: usize) -> String {
    let Some(inner) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
        return text.to_owned();
    };
    let members = split(inner, ',');
    if indent > 0 && members.len() < 2 {
        return format!("{{ {} }}", members.join("; ").replace("'type'", "type"));
    }
    let margin = " ".repeat(if indent > 0 { indent + 4 } else { 2 });
    let close = " ".repeat(if indent > 0 { indent + 2 } else { 0 });
    let mut out = String::from("{\n");
    for member in members {
        writeln!(out, "{margin}{};", member.replace("'type'", "type")).unwrap();
    }
    out + &close + "}"
}

/// Splits at a separator that is in no bracket.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for char in text.chars() {
        match char {
            '{' | '[' | '<' | '(' => depth += 1,
            '}' | ']' | '>' | ')' => depth -= 1,
            _ => {}
        }
        if char == separator && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(char);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

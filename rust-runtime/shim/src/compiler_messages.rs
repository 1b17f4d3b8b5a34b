//! rustc's messages about the compiled code, as messages about the code that evcxr has written.

use ferrobook_evcxr_code::names::{SHOW_METHOD, SHOW_TRAIT, without_definitions};
use ferrobook_evcxr_code::{GeneratedCell, Origin};
use serde_json::Value;
use std::collections::BTreeSet;

/// A line of rustc's as cargo passes it on; `None` when it does not, as it does with a failure note, which is about no
/// place.
pub fn of_cargo(line: &str) -> Option<String> {
    let is_message = line.contains("\"diagnostic\"") && !line.contains("\"level\":\"failure-note\"");
    is_message.then(|| format!("{{\"reason\":\"compiler-message\",\"message\":{}}}", line.trim_end()))
}

/// Whether the compiler looks for one of these names, and for no other reason than that it was left out.
pub fn misses(json: &str, left_out: &BTreeSet<String>) -> bool {
    let Ok(message) = serde_json::from_str::<Value>(json) else { return false };
    let message = &message["message"];
    if message["code"]["code"] != "E0425" {
        return false;
    }
    let quoted = message["message"].as_str().unwrap_or_default().split('`').nth(1).unwrap_or_default();
    left_out.contains(quoted.strip_prefix("r#").unwrap_or(quoted))
}

/// `None` when it is not a message of rustc's.
pub fn in_generated_code(json: &str, origin: &Origin) -> Option<String> {
    let mut message: Value = serde_json::from_str(&without_definitions(json)).ok()?;
    change(message.get_mut("message")?, origin);
    serde_json::to_string(&message).ok()
}

/// Whether a trait of a crate shows values, too, and the compiler cannot choose between it and ours.
pub fn has_another_display(json: &str) -> bool {
    json.contains("\"E0034\"") && json.contains(SHOW_METHOD) && json.contains(SHOW_TRAIT)
}

/// What evcxr is told of a message about its code, if it must not hear all of it.
///
/// - That a variable cannot be put back because it was moved: evcxr would take the place of the move for an error in the
///   expression there, and would show its value in another way.
/// - That a value has no method to show it: evcxr would take a trait of the user's with such a method, which the compiler
///   mentions, for the place of the error, and would not show the value in another way.
pub fn for_evcxr(json: &str, cell: &GeneratedCell) -> Option<String> {
    let mut message: Value = serde_json::from_str(json).ok()?;
    let inner = message.get_mut("message")?;
    if inner["code"]["code"] == "E0599" && inner["message"].as_str()?.contains(SHOW_METHOD) {
        inner["children"] = Value::Array(Vec::new());
        return serde_json::to_string(&message).ok();
    }
    if inner["code"]["code"] != "E0382" {
        return None;
    }
    let spans = inner["spans"].as_array()?;
    let primary: Vec<Value> = spans.iter().filter(|span| span["is_primary"] == true).cloned().collect();
    let line = usize::try_from(primary.first()?["line_start"].as_u64()?).ok()?;
    if !cell.keeps_on(line) {
        return None;
    }
    inner["spans"] = Value::Array(primary);
    inner["children"] = Value::Array(Vec::new());
    serde_json::to_string(&message).ok()
}

/// Changes all spans in the value, however deep: of the message, of its notes, of the macros that code came from.
fn change(value: &mut Value, origin: &Origin) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| change(value, origin)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| change(value, origin));
            if fields.get("file_name").and_then(Value::as_str) != Some("src/lib.rs") {
                return;
            }
            for (line, column) in [("line_start", "column_start"), ("line_end", "column_end")] {
                let number = |name| fields.get(name).and_then(Value::as_u64);
                if let (Some(at), Some(character)) = (number(line), number(column)) {
                    let (at, character) = origin.of(at, character);
                    fields.insert(line.to_owned(), at.into());
                    fields.insert(column.to_owned(), character.into());
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_move_is_told_without_its_place() {
        let source = include_str!("../../evcxr-code/tests/fixtures/new_variable.rs");
        let cell = &GeneratedCell::parse(source).unwrap();
        let line_of = |start: &str| source.lines().position(|line| line.starts_with(start)).unwrap() as u32 + 1;
        let (own, keeps) = (line_of("let a: Vec<u8>"), line_of("evcxr_variable_store.put_variable"));
        let span =
            |line: u32, primary: bool| json!({"file_name": "src/lib.rs", "line_start": line, "is_primary": primary});
        let message = |code: &str, primary: u32, other: u32| {
            let inner = json!({
                "code": {"code": code}, "spans": [span(other, false), span(primary, true)],
                "children": [{"spans": [span(other, true)]}],
            });
            json!({"reason": "compiler-message", "message": inner}).to_string()
        };
        let less: Value = serde_json::from_str(&for_evcxr(&message("E0382", keeps, own), cell).unwrap()).unwrap();
        assert_eq!(less["message"]["spans"], json!([span(keeps, true)]));
        assert_eq!(less["message"]["children"], json!([]));
        assert_eq!(for_evcxr(&message("E0382", own, keeps), cell), None, "an error of the cell's own");
        assert_eq!(for_evcxr(&message("E0308", keeps, own), cell), None);
    }

    #[test]
    fn names_that_were_left_out() {
        let message =
            |code: &str, text: &str| json!({"message": {"code": {"code": code}, "message": text}}).to_string();
        let left_out = ["a".to_owned(), "type".to_owned()].into();
        assert!(misses(&message("E0425", "cannot find value `a` in this scope"), &left_out));
        assert!(misses(&message("E0425", "cannot find value `r#type` in this scope"), &left_out));
        assert!(!misses(&message("E0425", "cannot find value `b` in this scope"), &left_out));
        assert!(!misses(&message("E0423", "expected value, found `a`"), &left_out));
    }
}

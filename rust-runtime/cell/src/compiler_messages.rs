//! rustc's messages about the compiled code, as messages about the code that evcxr has written.

use crate::generated_code::Origin;
use serde_json::Value;
use std::collections::BTreeSet;

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
    let mut message: Value = serde_json::from_str(json).ok()?;
    change(message.get_mut("message")?, origin);
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

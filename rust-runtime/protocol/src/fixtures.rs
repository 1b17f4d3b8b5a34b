//! The fixtures in `tests/fixtures/protocol` hold one line for each variant; the kernel's tests parse the same files.

use super::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;

const QUESTIONS: [&str; 7] = ["complete", "inspect", "isComplete", "check", "variables", "value", "cache"];

#[test]
fn requests_round_trip() {
    let seen = round_trip::<Request>(
        "requests.jsonl",
        &["execute", "ask", "cancelChecks", "expect", "input", "interrupt", "shutdown"],
    );
    assert_eq!(types(&seen, "question"), QUESTIONS.into());
}

#[test]
fn events_round_trip() {
    let seen = round_trip::<Event>(
        "events.jsonl",
        &["ready", "unavailable", "holder", "stream", "display", "inputRequest", "phase", "error", "done", "answer"],
    );
    assert_eq!(types(&seen, "answer"), QUESTIONS.into());
}

#[test]
fn options_that_are_not_the_hosts_are_ignored_and_those_that_are_missing_are_as_usual() {
    let options: CellOptions = serde_json::from_str(r#"{ "debug": true, "name": "x" }"#).unwrap();
    assert_eq!(options, CellOptions { debug: true, ..CellOptions::default() });
}

/// The values of the file's lines, after a test of its own of each, and of there being all `variants`.
fn round_trip<T: Serialize + DeserializeOwned>(file: &str, variants: &[&str]) -> Vec<Value> {
    let path = format!("{}/../../tests/fixtures/protocol/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut seen = Vec::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let parsed: T = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(parsed).unwrap(), value, "{line}");
        seen.push(value);
    }
    let names = seen.iter().map(|value| value["type"].as_str().unwrap());
    assert_eq!(names.collect::<BTreeSet<_>>(), variants.iter().copied().collect());
    seen
}

/// What stands as `type` in what is called `name`, where there is one.
fn types<'a>(seen: &'a [Value], name: &str) -> BTreeSet<&'a str> {
    seen.iter().filter_map(|value| value[name]["type"].as_str()).collect()
}

//! The fixtures in `tests/fixtures/protocol` hold one line for each variant; the kernel's tests parse the same files.

use super::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn requests_round_trip() {
    round_trip::<Request>(
        "requests.jsonl",
        &[
            "execute",
            "complete",
            "inspect",
            "check",
            "cancelChecks",
            "expect",
            "isComplete",
            "input",
            "variables",
            "cache",
            "interrupt",
            "shutdown",
        ],
    );
}

#[test]
fn events_round_trip() {
    round_trip::<Event>(
        "events.jsonl",
        &[
            "ready",
            "unavailable",
            "holder",
            "stream",
            "display",
            "inputRequest",
            "phase",
            "error",
            "done",
            "completions",
            "inspection",
            "checked",
            "completeness",
            "variables",
            "cache",
        ],
    );
}

fn round_trip<T: Serialize + DeserializeOwned>(file: &str, variants: &[&str]) {
    let path = format!("{}/../../tests/fixtures/protocol/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut seen = BTreeSet::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let parsed: T = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(parsed).unwrap(), value, "{line}");
        seen.insert(value["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, variants.iter().map(|name| (*name).to_owned()).collect());
}

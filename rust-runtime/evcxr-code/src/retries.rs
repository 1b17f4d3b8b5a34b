//! When evcxr compiles a cell again, and which of these compiles are not made because they can only fail.
//!
//! evcxr learns from errors what it has to write around a cell, and compiles again: that a `?` needs a function to return
//! from, and an `.await` a runtime. Both can be seen in the code. And what has failed it compiles once more without the
//! closure that catches panics, for errors that do not speak of a closure; most errors say the same then.

use crate::generated_cell::GeneratedCell;
use crate::names::SHOW_TRAIT;
use ra_ap_syntax::ast::{self, AstNode, BlockModifier, HasName};
use ra_ap_syntax::{SyntaxKind, SyntaxNode, WalkEvent};
use serde_json::{Value, json};

/// A message that makes evcxr write the code in another way, as cargo prints messages of the compiler.
pub fn needed(cell: &GeneratedCell) -> Option<String> {
    let source = cell.source();
    let code = cell.function()?.closure()?;
    let line = line_of_an_item(cell)?;
    let uses = |kind| own_nodes(source, &code).any(|node| node.kind() == kind);
    if uses(SyntaxKind::AWAIT_EXPR) && !source.contains("evcxr_variable_store.lazy_arc(\"evcxr_tokio_runtime\"") {
        return Some(message("E0728", "`await` is only allowed inside `async` functions and blocks", line));
    }
    if uses(SyntaxKind::TRY_EXPR) && cell.user_error().is_none() {
        let text = "the `?` operator can only be used in a closure that returns `Result` or `Option`";
        return Some(message("E0277", text, line));
    }
    None
}

/// evcxr learns what it should from an error in any user's code, and from one in the expression at the end of the cell
/// also that the expression cannot be shown in the usual way. The trait that shows it is code of an earlier cell to evcxr.
fn line_of_an_item(cell: &GeneratedCell) -> Option<usize> {
    let trait_ = cell.items().iter().find_map(|item| match item {
        ast::Item::Trait(item) => Some(item).filter(|item| item.name().is_some_and(|name| name.text() == SHOW_TRAIT)),
        _ => None,
    })?;
    let at = usize::from(trait_.trait_token()?.text_range().start());
    Some(cell.source()[..at].matches('\n').count() + 1)
}

/// What is in `node`, without what is a function of the user's own in it.
fn own_nodes<'a>(source: &'a str, node: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> + use<'a> {
    let mut walk = node.preorder();
    std::iter::from_fn(move || {
        loop {
            match walk.next()? {
                WalkEvent::Enter(node) if is_function(&node) && !is_evcxrs(source, &node) => walk.skip_subtree(),
                WalkEvent::Enter(node) => return Some(node),
                WalkEvent::Leave(_) => {}
            }
        }
    })
}

fn is_function(node: &SyntaxNode) -> bool {
    let modifier = ast::BlockExpr::cast(node.clone()).and_then(|block| block.modifier());
    let is_block_of_its_own =
        modifier.is_some_and(|modifier| !matches!(modifier, BlockModifier::Unsafe(_) | BlockModifier::Label(_)));
    ast::Item::can_cast(node.kind()) || ast::ClosureExpr::can_cast(node.kind()) || is_block_of_its_own
}

/// Whether evcxr has put the cell into this function, after an error.
fn is_evcxrs(source: &str, node: &SyntaxNode) -> bool {
    let at = usize::from(node.text_range().start());
    let start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = source[start..].lines().next();
    line == Some("let _ = (|| -> std::result::Result<(), EvcxrUserCodeError> {") || line == Some(".block_on(async {")
}

fn message(code: &str, text: &str, line: usize) -> String {
    let span = json!({"file_name": "src/lib.rs", "line_start": line, "line_end": line, "column_start": 1, "column_end": 1,
        "is_primary": true, "label": null, "text": [], "expansion": null});
    let inner = json!({"message": text, "code": {"code": code, "explanation": null}, "level": "error", "spans": [span],
        "children": [], "rendered": text});
    json!({"reason": "compiler-message", "message": inner}).to_string()
}

/// Whether code that has failed with these messages would fail with the same ones without the closure around it.
pub fn are_final(diagnostics: &[String]) -> bool {
    !diagnostics.is_empty() && diagnostics.iter().all(|json| is_final(json))
}

/// Whether `source` is code that has failed, without the closure around it.
pub fn is_without_closure(source: &str, failed: &str) -> bool {
    catches(failed) && !catches(source) && without_closure(failed).eq(without_closure(source))
}

fn catches(source: &str) -> bool {
    source.lines().any(|line| OPENING.contains(&line))
}

fn without_closure(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter(|line| !OPENING.contains(line) && !CLOSING.contains(line))
}

/// Lines of evcxr's around the cell.
const OPENING: [&str; 2] = ["match std::panic::catch_unwind(", "if std::panic::catch_unwind(||{"];
const CLOSING: [&str; 8] = [
    "  std::panic::AssertUnwindSafe(||{",
    "})) { ",
    "  Ok(_) => {}",
    "  Err(_) => {",
    "    println!(\"EVCXR_PANIC_NOTIFICATION\");",
    "}}",
    "}).is_err() {",
    "}",
];

/// Errors about names and types, which the compiler finds before it looks at what a closure captures. What a lint forbids
/// it finds after that.
const BEFORE_CAPTURES: [&str; 27] = [
    "E0023", "E0026", "E0027", "E0040", "E0061", "E0063", "E0107", "E0277", "E0282", "E0283", "E0308", "E0369",
    "E0405", "E0423", "E0425", "E0432", "E0433", "E0560", "E0599", "E0600", "E0605", "E0606", "E0608", "E0609",
    "E0610", "E0614", "E0618",
];

fn is_final(json: &str) -> bool {
    let Ok(message) = serde_json::from_str::<Value>(json) else { return false };
    let message = &message["message"];
    match (message["level"].as_str(), message["code"]["code"].as_str()) {
        (Some("error"), Some(code)) => {
            let is_lint = !code.starts_with('E');
            is_lint || BEFORE_CAPTURES.contains(&code) && !json.contains("closure")
        }
        // The count of the errors, at the end.
        (Some("error"), None) => message["spans"].as_array().is_some_and(Vec::is_empty),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        self, AWAIT, AWAIT_AND_QUESTION_MARK, NEW_VARIABLE, QUESTION_MARK, WITHOUT_CLOSURE, replace,
    };
    use std::path::Path;
    use std::process::Command;

    /// In a notebook in which an item has a `?` of its own.
    fn cell(user: &str) -> String {
        let items = r"#[allow(dead_code)]
trait FerrobookShow {}
fn item() -> Option<u8> { None?; None }
";
        fixtures::cell(items, &format!("{user}\n"))
    }

    fn code(user: &str) -> Option<String> {
        code_of(&cell(user))
    }

    fn code_of(source: &str) -> Option<String> {
        let message: Value = serde_json::from_str(&needed(&GeneratedCell::parse(source).unwrap())?).unwrap();
        let line = source.lines().position(|line| line.starts_with("trait FerrobookShow")).unwrap() + 1;
        assert_eq!(message["message"]["spans"][0]["line_start"], line);
        message["message"]["code"]["code"].as_str().map(str::to_owned)
    }

    /// What evcxr has written for another cell, in a notebook with values to show.
    fn with_show_trait(fixture: &str) -> String {
        let (head, rest) = fixture.split_once('\n').unwrap();
        format!("{head}\ntrait FerrobookShow {{}}\n{rest}")
    }

    #[test]
    fn a_question_mark_or_an_await_of_the_cell_itself() {
        assert_eq!(code("let n: u8 = text.parse()?;").as_deref(), Some("E0277"));
        assert_eq!(code("if true { for x in y { f(x?) } }").as_deref(), Some("E0277"));
        assert_eq!(code("unsafe { g()? }").as_deref(), Some("E0277"));
        assert_eq!(code("later().await?;").as_deref(), Some("E0728"));
        for other in [
            "fn f() -> Option<u8> { g()? }",
            "let f = || { g()? };",
            "let f = async { g().await? };",
            "vec.map(|x| x?);",
            r#"println!("?");"#,
            "g();",
        ] {
            assert_eq!(code(other), None, "{other}");
        }
    }

    #[test]
    fn what_evcxr_has_learnt_already() {
        assert_eq!(code_of(&with_show_trait(QUESTION_MARK)), None);
        assert_eq!(code_of(&with_show_trait(AWAIT)), None);
        let await_and_question_mark = replace(AWAIT, "later().await;", "later().await?;");
        assert_eq!(code_of(&with_show_trait(&await_and_question_mark)).as_deref(), Some("E0277"));
        assert_eq!(code_of(&with_show_trait(AWAIT_AND_QUESTION_MARK)), None);
        let question_mark_and_await = replace(QUESTION_MARK, "parse()?", "later().await?");
        assert_eq!(code_of(&with_show_trait(&question_mark_and_await)).as_deref(), Some("E0728"));
    }

    #[test]
    fn code_that_has_failed_without_its_closure() {
        let plain = |source: &str| without_closure(source).collect::<Vec<_>>().join("\n");
        let failed = cell("nowhere();");
        assert!(is_without_closure(&plain(&failed), &failed));
        assert!(!is_without_closure(&failed, &failed), "the same again");
        assert!(!is_without_closure(&plain(&cell("elsewhere();")), &failed));
        assert!(!is_without_closure(&plain(&failed), ""), "nothing has failed");
        let failed = replace(NEW_VARIABLE, "let a: Vec<u8> = vec![1];", "let n: u8 = nowhere();");
        let failed = failed.replace("<Vec<u8>>(stringify!(a), a)", "<u8>(stringify!(n), n)");
        assert!(is_without_closure(WITHOUT_CLOSURE, &failed), "{failed}");
    }

    #[test]
    fn errors_that_have_nothing_to_do_with_the_closure() {
        let message = |code: &str, text: &str| {
            json!({"message": {"level": "error", "code": {"code": code}, "message": text, "spans": [{}]}}).to_string()
        };
        let unknown = message("E0425", "cannot find function `nowhere`");
        let count =
            json!({"message": {"level": "error", "code": null, "message": "aborting", "spans": []}}).to_string();
        let warning = json!({"message": {"level": "warning", "code": {"code": "unused"}, "spans": [{}]}}).to_string();
        assert!(are_final(&[unknown.clone(), warning, count]));
        assert!(are_final(&[message("overflowing_literals", "literal out of range for `u8`")]));
        assert!(!are_final(&[]));
        for (code, text) in [("E0382", "use of moved value: `v`"), ("E0308", "closure arguments differ")] {
            assert!(!are_final(&[unknown.clone(), message(code, text)]), "{code}");
        }
    }

    /// The compiler explains an error by examples, in which it finds that error.
    #[test]
    fn codes_are_rustcs() {
        let directory = tempfile::tempdir().unwrap();
        for code in BEFORE_CAPTURES {
            let explained = Command::new("rustc").args(["--explain", code]).output().unwrap();
            assert!(explained.status.success(), "rustc knows no {code}");
            let text = String::from_utf8(explained.stdout).unwrap();
            let mut examples = text.split("```").skip(1).step_by(2);
            let found = examples.any(|example| errors_of(example, directory.path()).contains(&code.to_owned()));
            assert!(found, "rustc finds {code} in none of its examples");
        }
    }

    /// What the compiler says about an example, which may be what a function has in it.
    fn errors_of(example: &str, directory: &Path) -> Vec<String> {
        let path = directory.join("example.rs");
        let is_whole = example.contains("fn main()");
        let code = if is_whole { example.to_owned() } else { format!("fn main() {{\n{example}\n}}\n") };
        std::fs::write(&path, code).unwrap();
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition=2024", "--emit=metadata", "--error-format=json", "--out-dir"]).arg(directory).arg(path);
        let messages = String::from_utf8(rustc.output().unwrap().stderr).unwrap();
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        messages.filter_map(|message| Some(message["code"]["code"].as_str()?.to_owned())).collect()
    }
}

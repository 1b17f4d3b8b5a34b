//! Compiles that can only fail, and are therefore not made.
//!
//! evcxr learns from errors what it has to write around a cell, and compiles again: that a `?` needs a function to return
//! from, and an `.await` a runtime. Both can be seen in the code. And what has failed it compiles once more without the
//! closure that catches panics, for errors that do not speak of a closure; most errors say the same then.

use crate::generated_code::EDITION;
use ferrobook_protocol::cell::SHOW_TRAIT;
use ra_ap_syntax::ast::{self, AstNode, BlockModifier, HasModuleItem, HasName};
use ra_ap_syntax::{SourceFile, SyntaxKind, SyntaxNode, WalkEvent};
use serde_json::{Value, json};

/// A message that makes evcxr write the code in another way, as cargo prints messages of the compiler.
pub fn retry(source: &str) -> Option<String> {
    let (_, cell) = source.split_once("fn run_user_code_")?;
    // Parsing takes a millisecond in a notebook with many items.
    if !cell.contains('?') && !cell.contains("await") {
        return None;
    }
    let file = SourceFile::parse(source, EDITION).tree();
    let function = file.items().find_map(|item| match item {
        ast::Item::Fn(function) if function.name()?.text().starts_with("run_user_code_") => Some(function),
        _ => None,
    })?;
    let has = |name: &str| {
        file.items()
            .any(|item| matches!(item, ast::Item::Struct(item) if item.name().is_some_and(|is| is.text() == name)))
    };
    let code = cells_code(&function)?;
    let line = line_of_an_item(source, &file)?;
    let uses = |kind| own_nodes(source, &code).any(|node| node.kind() == kind);
    if uses(SyntaxKind::AWAIT_EXPR) && !source.contains("evcxr_variable_store.lazy_arc(\"evcxr_tokio_runtime\"") {
        return Some(message("E0728", "`await` is only allowed inside `async` functions and blocks", line));
    }
    if uses(SyntaxKind::TRY_EXPR) && !has("EvcxrUserCodeError") {
        let text = "the `?` operator can only be used in a closure that returns `Result` or `Option`";
        return Some(message("E0277", text, line));
    }
    None
}

/// evcxr learns what it should from an error in any user's code, and from one in the expression at the end of the cell
/// also that the expression cannot be shown in the usual way. The trait that shows it is code of an earlier cell to evcxr.
fn line_of_an_item(source: &str, file: &SourceFile) -> Option<usize> {
    let trait_ = file.items().find_map(|item| match item {
        ast::Item::Trait(item) => Some(item).filter(|item| item.name().is_some_and(|name| name.text() == SHOW_TRAIT)),
        _ => None,
    })?;
    let at = usize::from(trait_.trait_token()?.text_range().start());
    Some(source[..at].matches('\n').count() + 1)
}

/// The closure in which evcxr puts the cell.
fn cells_code(function: &ast::Fn) -> Option<SyntaxNode> {
    let body = function.body()?;
    let calls = body.syntax().descendants().filter_map(ast::CallExpr::cast);
    let mut catching =
        calls.filter(|call| call.expr().is_some_and(|called| called.syntax().text() == "std::panic::catch_unwind"));
    let closure = catching.next()?.syntax().descendants().find_map(ast::ClosureExpr::cast)?;
    Some(closure.body()?.syntax().clone())
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
const BEFORE_CAPTURES: [&str; 28] = [
    "E0023", "E0026", "E0027", "E0040", "E0061", "E0063", "E0107", "E0277", "E0282", "E0283", "E0308", "E0369",
    "E0405", "E0412", "E0423", "E0425", "E0432", "E0433", "E0560", "E0599", "E0600", "E0605", "E0606", "E0608",
    "E0609", "E0610", "E0614", "E0618",
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

    fn cell(user: &str) -> String {
        format!(
            "#![allow(unused_imports, unused_mut, dead_code)]\n#[allow(dead_code)]\ntrait FerrobookShow {{}}\nfn item() -> Option<u8> {{ None?; None }}\n#[unsafe(no_mangle)]\n\
             pub extern \"C\" fn run_user_code_1(\nevcxr_variable_store: *mut u8) -> *mut u8 {{\nif std::panic::catch_unwind(||{{\n\
             {user}\n}}).is_err() {{\n    println!(\"EVCXR_PANIC_NOTIFICATION\");\n}}\nevcxr_variable_store\n}}\n"
        )
    }

    fn code(user: &str) -> Option<String> {
        let message: Value = serde_json::from_str(&retry(&cell(user))?).unwrap();
        assert_eq!(message["message"]["spans"][0]["line_start"], 3);
        message["message"]["code"]["code"].as_str().map(str::to_owned)
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
            "println!(\"?\");",
            "g();",
        ] {
            assert_eq!(code(other), None, "{other}");
        }
    }

    #[test]
    fn what_evcxr_has_learnt_already() {
        let source = cell("let n: u8 = text.parse()?;");
        assert!(retry(&format!("struct EvcxrUserCodeError {{}}\n{source}")).is_none());
        let runtime = "evcxr_variable_store.lazy_arc(\"evcxr_tokio_runtime\",\n|| ())\n.block_on(async {\n";
        assert_eq!(code(&format!("{runtime}later().await;\n}});")), None);
        assert_eq!(code(&format!("{runtime}later().await?;\n}});")).as_deref(), Some("E0277"));
        let closure = "let _ = (|| -> std::result::Result<(), EvcxrUserCodeError> {\n";
        assert_eq!(code(&format!("{closure}later().await?;\nOk(())}})();")).as_deref(), Some("E0728"));
    }

    #[test]
    fn code_that_has_failed_without_its_closure() {
        let plain = |source: &str| without_closure(source).collect::<Vec<_>>().join("\n");
        let failed = cell("nowhere();");
        assert!(is_without_closure(&plain(&failed), &failed));
        assert!(!is_without_closure(&failed, &failed), "the same again");
        assert!(!is_without_closure(&plain(&cell("elsewhere();")), &failed));
        assert!(!is_without_closure(&plain(&failed), ""), "nothing has failed");
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
}

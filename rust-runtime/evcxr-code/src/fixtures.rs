//! Code of evcxr's for tests, with other cells in it than those that it was captured with.

pub const EXPRESSION: &str = include_str!("../tests/fixtures/expression.rs");
pub const ANALYSIS: &str = include_str!("../tests/fixtures/analysis.rs");
pub const ITEMS: &str = include_str!("../tests/fixtures/items.rs");
pub const QUESTION_MARK: &str = include_str!("../tests/fixtures/question_mark.rs");
pub const AWAIT: &str = include_str!("../tests/fixtures/await.rs");
pub const AWAIT_AND_QUESTION_MARK: &str = include_str!("../tests/fixtures/await_and_question_mark.rs");
pub const TEXT_LIKE_EVCXRS: &str = include_str!("../tests/fixtures/text_like_evcxrs.rs");
pub const WITHOUT_CLOSURE: &str = include_str!("../tests/fixtures/without_closure.rs");
pub const NEW_VARIABLE: &str = include_str!("../tests/fixtures/new_variable.rs");
const STATEMENT: &str = include_str!("../tests/fixtures/statement.rs");
const VARIABLES: &str = include_str!("../tests/fixtures/variables.rs");

/// The first lines of evcxr's function.
pub const FUNCTION: &str = "#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_";

/// A cell that has nothing to do with variables.
pub fn cell(items: &str, code: &str) -> String {
    replace(&replace(STATEMENT, "fn f() {}\n", items), "println!(\"a cell\");\n", code)
}

/// A cell of a notebook with these variables and their types. `new` are the statements that keep the cell's own.
pub fn cell_with_variables(items: &str, stored: &[(&str, &str)], code: &str, new: &str) -> String {
    let mut text = String::new();
    let (mut code, mut new) = (Some(code), Some(new));
    for (number, line) in VARIABLES.lines().enumerate() {
        let is_about = |name: &str| line.contains(&format!("(stringify!({name})"));
        match line {
            _ if number == 0 => text.extend([line, "\n", items]),
            "let c: u8 = a[0];" => text.push_str(code.take().unwrap()),
            "let d: bool = true;" | "b.0 += c;" => {}
            _ if is_about("a") => {}
            _ if is_about("c") || is_about("d") => text.push_str(new.take().unwrap_or_default()),
            _ if is_about("b") => {
                for (name, of_type) in stored {
                    let line = line.replace("(u8, u8)", of_type).replace("mut b ", &format!("mut {name} "));
                    let line = line.replace("!(b)", &format!("!({name})")).replace(", b)", &format!(", {name})"));
                    text.extend([&line, "\n"]);
                }
            }
            line => text.extend([line, "\n"]),
        }
    }
    assert!(code.is_none() && new.is_none());
    text
}

/// The fixture with something else in the place of this text.
pub fn replace(fixture: &str, text: &str, with: &str) -> String {
    assert_eq!(fixture.matches(text).count(), 1, "{text:?} in\n{fixture}");
    fixture.replace(text, with)
}

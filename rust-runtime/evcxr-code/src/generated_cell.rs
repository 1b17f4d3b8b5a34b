//! The code that evcxr has written for a cell, parsed once.
//!
//! ```text
//! #![allow(unused_imports, unused_mut, dead_code)]       evcxr's, then attributes of the user's
//! …                                                      the items of all cells, in the order of a `HashMap`
//! struct EvcxrUserCodeError {} impl … {}                 when a `?` is allowed
//! mod evcxr_internal_runtime { … }                       the store of variables, when there are any
//! #[unsafe(no_mangle)] pub extern "C" fn run_user_code_1(…) {
//!     check, take                                        each variable
//!     if std::panic::catch_unwind(|| { …                 the statements of the cell; its new variables are kept
//!     keep                                               each variable
//! }
//! ```
//!
//! What evcxr writes to have a cell looked at ends otherwise: in `async fn evcxr_analysis_wrapper(…)`, above which there is a
//! function `evcxr_variable_store` in place of the module, and always the type for errors. It is compiled and never run.

use crate::access::{self, Access, Kind};
use crate::rendered::Rendered;
use crate::tokens::{EDITION, bytes, first_token, item_range, lines, sequences, significant_tokens, whole_lines};
use crate::user_error::{self, UserError};
use crate::variable_store;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use ra_ap_syntax::{SourceFile, SyntaxError, SyntaxNode, SyntaxToken};
use std::ops::Range;

/// What evcxr has cargo compile, in the directory that it calls cargo in.
pub const SOURCE: &str = "src/lib.rs";

/// How the name of evcxr's function begins.
const FUNCTION: &str = "run_user_code_";

/// The function into which evcxr puts a cell that is only looked at, and the one above it that stands for the store.
const ANALYSIS: &str = "evcxr_analysis_wrapper";
const ANALYSIS_STORE: &str = "evcxr_variable_store";

pub struct GeneratedCell {
    source: String,
    file: SourceFile,
    /// What the parser does not understand, if the user's code is to blame or the parser.
    errors: Vec<SyntaxError>,
    /// The user's.
    items: Vec<ast::Item>,
    /// Where evcxr's own begin.
    end_of_items: usize,
    user_error: Option<UserError>,
    /// The lines of the module with the store.
    store: Option<Range<usize>>,
    /// `None` in code that is only looked at, and in code that the parser does not understand.
    function: Option<Function>,
}

/// The function that evcxr puts the cell into.
#[derive(Debug)]
pub struct Function {
    pub node: ast::Fn,
    /// The line with its name.
    pub name: Range<usize>,
    /// `None` when it needs no store.
    pub store: Option<StoreUse>,
    pub accesses: Vec<Access>,
}

/// The lines of a function by which it gets the store, and those by which it ends when a variable has lost its type.
#[derive(Debug)]
pub struct StoreUse {
    pub head: Range<usize>,
    pub checked: Range<usize>,
}

impl StoreUse {
    const HEAD: &str = "mut evcxr_variable_store: *mut evcxr_internal_runtime::VariableStore)\n  \
                        -> *mut evcxr_internal_runtime::VariableStore {\n\
                        if evcxr_variable_store.is_null() {\n  \
                        evcxr_variable_store = evcxr_internal_runtime::create_variable_store();\n}\n\
                        let evcxr_variable_store = unsafe {&mut *evcxr_variable_store};\n\
                        {let mut vars_ok = true;\n";
    const CHECKED: &str = "if !vars_ok {return evcxr_variable_store;}}\n";
}

/// The head of a function that needs no store.
pub const HEAD_WITHOUT_STORE: &str = "evcxr_variable_store: *mut u8) -> *mut u8 {\n";
/// The head, and all, of the function of a cell without statements.
const EMPTY: &str = "mut x: *mut std::os::raw::c_void) -> *mut std::os::raw::c_void {x}\n";

/// A piece that every code of evcxr's has was not found.
#[derive(Debug, PartialEq, Eq)]
pub struct NotFound {
    piece: &'static str,
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the cell is not compiled: {} was not found in the code that evcxr has written for it", self.piece)
    }
}

impl std::error::Error for NotFound {}

impl NotFound {
    const FUNCTION: Self = Self { piece: "the function `run_user_code_…`" };
    const NAME: Self = Self { piece: "the line that names the function `run_user_code_…`" };
    const HEAD: Self = Self { piece: "how the function `run_user_code_…` begins" };
    const STORE: Self = Self { piece: "the module `evcxr_internal_runtime` with the store of variables" };
    const CHECKED: Self = Self { piece: "the check of the variables' types" };
    const ACCESS: Self = Self { piece: "a statement about a variable on lines of its own" };
    const USER_ERROR: Self = Self { piece: "the line that prints the error of a failing `?`" };

    /// The code with an error for the compiler, beside which it says what else is wrong.
    pub fn refuse(&self, source: &str) -> Rendered {
        let text = format!("{} compile_error!({:?});\n", source.trim_end(), self.to_string());
        Rendered { text, ..Rendered::default() }
    }
}

impl GeneratedCell {
    pub fn parse(source: &str) -> Result<Self, NotFound> {
        let parsed = SourceFile::parse(source, EDITION);
        let source = source.to_owned();
        let (file, errors) = (parsed.tree(), parsed.errors());
        if errors.is_empty() { Self::understood(source, file) } else { Self::broken(source, file, errors) }
    }

    fn understood(source: String, file: SourceFile) -> Result<Self, NotFound> {
        let mut items: Vec<ast::Item> = file.items().collect();
        let last = items.pop().ok_or(NotFound::FUNCTION)?;
        let mut first = last.syntax().clone();
        let function = match last {
            ast::Item::Fn(function) if is_function(function.name().as_ref()) => Some(function),
            last if is_named(&last, ANALYSIS) => {
                let store = items.pop_if(|item| is_named(item, ANALYSIS_STORE)).ok_or(NotFound::STORE)?;
                first = store.syntax().clone();
                None
            }
            _ => return Err(NotFound::FUNCTION),
        };
        let store = items.pop_if(|item| function.is_some() && is_module(item)).map(|module| module.syntax().clone());
        first = store.clone().unwrap_or(first);
        let mut user_error = None;
        if let [.., ast::Item::Struct(error), ast::Item::Impl(from)] = &items[..]
            && error.name().is_some_and(|name| name.text() == user_error::ERROR)
        {
            let tokens: Vec<SyntaxToken> = significant_tokens(from.syntax()).collect();
            user_error = Some(UserError::find(&source, &tokens).ok_or(NotFound::USER_ERROR)?);
            first = error.syntax().clone();
            items.truncate(items.len() - 2);
        }
        let store = match store {
            Some(module) => Some(whole_lines(&source, item_range(&module)).ok_or(NotFound::STORE)?),
            None => None,
        };
        let function = function.map(|function| Function::new(&source, function)).transpose()?;
        match (function.as_ref().and_then(|function| function.store.as_ref()), &store) {
            (Some(_), None) => return Err(NotFound::STORE),
            (None, Some(_)) => return Err(NotFound::HEAD),
            _ => {}
        }
        let end_of_items = start_of_generated(&source, &first, user_error.is_some());
        Ok(Self { file, errors: Vec::new(), items, end_of_items, user_error, store, function, source })
    }

    /// In code that the parser does not understand it is not known whose a line is. But tokens are still tokens, and the
    /// compiler may well understand it.
    fn broken(source: String, file: SourceFile, errors: Vec<SyntaxError>) -> Result<Self, NotFound> {
        let tokens: Vec<SyntaxToken> = significant_tokens(file.syntax()).collect();
        let named = sequences(&tokens, &["unsafe", "(", "no_mangle", ")", "]", "pub", "extern", "\"C\"", "fn"]);
        let is_evcxrs = |at: &usize| tokens.get(at + 9).is_some_and(|name| name.text().starts_with(FUNCTION));
        let functions: Vec<usize> = named.filter(is_evcxrs).collect();
        let analyses: Vec<usize> = sequences(&tokens, &["async", "fn", ANALYSIS, "("]).collect();
        let function = match (&functions[..], &analyses[..]) {
            // The tokens `#` and `[` stand before it.
            ([function], _) => function.checked_sub(2).ok_or(NotFound::FUNCTION)?,
            ([], [analysis]) => *analysis,
            // With several it is not known which is evcxr's.
            _ => return Err(NotFound::FUNCTION),
        };
        let needs_store = tokens[function..].iter().any(|token| token.text() == variable_store::MODULE);
        let store = match variable_store::before(&tokens, function).filter(|_| needs_store) {
            Some(module) => Some(whole_lines(&source, module).ok_or(NotFound::STORE)?),
            None if needs_store => return Err(NotFound::STORE),
            None => None,
        };
        let error = sequences(&tokens[..function], &["struct", user_error::ERROR, "{", "}"]).next_back();
        let user_error = match error {
            Some(at) => Some(UserError::find(&source, &tokens[at..function]).ok_or(NotFound::USER_ERROR)?),
            None => None,
        };
        let is_users = |item: &ast::Item| match item {
            ast::Item::Fn(item) => !is_function(item.name().as_ref()),
            ast::Item::Struct(item) => item.name().is_none_or(|name| name.text() != user_error::ERROR),
            item => !is_module(item),
        };
        let items: Vec<ast::Item> = file.items().take_while(is_users).collect();
        let first = file.items().find(|item| !is_users(item));
        let end_of_items =
            first.map_or(source.len(), |item| start_of_generated(&source, item.syntax(), user_error.is_some()));
        Ok(Self { file, errors, items, end_of_items, user_error, store, function: None, source })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn file(&self) -> &SourceFile {
        &self.file
    }

    pub(crate) fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    pub(crate) fn items(&self) -> &[ast::Item] {
        &self.items
    }

    pub(crate) fn end_of_items(&self) -> usize {
        self.end_of_items
    }

    pub(crate) fn user_error(&self) -> Option<&UserError> {
        self.user_error.as_ref()
    }

    pub(crate) fn store(&self) -> Option<Range<usize>> {
        self.store.clone()
    }

    pub(crate) fn function(&self) -> Option<&Function> {
        self.function.as_ref()
    }

    /// The names and types of the variables that evcxr keeps after the cell.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keeping().map(|access| (access.name.as_str(), access.of_type.as_str()))
    }

    /// Whether evcxr keeps a variable on this line (from 1).
    pub fn keeps_on(&self, line: usize) -> bool {
        let Some(at) = line.checked_sub(1).and_then(|above| start_of_line(&self.source, above)) else { return false };
        self.keeping().any(|access| access.lines.start == at)
    }

    fn keeping(&self) -> impl Iterator<Item = &Access> {
        let accesses = self.function.iter().flat_map(|function| &function.accesses);
        accesses.filter(|access| access.kind == Kind::Keep)
    }
}

impl Function {
    fn new(source: &str, node: ast::Fn) -> Result<Self, NotFound> {
        let name = node.name().ok_or(NotFound::NAME)?;
        let at = bytes(name.syntax().text_range());
        let name = lines(source, at.clone());
        let number = source[at.start..name.end].strip_prefix(FUNCTION).and_then(|rest| rest.strip_suffix("(\n"));
        let is_known = source[name.start..at.start] == *"pub extern \"C\" fn "
            && number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_known {
            return Err(NotFound::NAME);
        }
        let accesses = access::all(source, node.syntax()).ok_or(NotFound::ACCESS)?;
        let head = &source[name.end..];
        let store = if head.starts_with(StoreUse::HEAD) {
            let head = name.end..name.end + StoreUse::HEAD.len();
            let last = accesses.iter().rfind(|access| access.kind == Kind::Check);
            let at = last.map_or(head.end, |access| access.lines.end);
            if !source[at..].starts_with(StoreUse::CHECKED) {
                return Err(NotFound::CHECKED);
            }
            Some(StoreUse { head, checked: at..at + StoreUse::CHECKED.len() })
        } else if head.starts_with(HEAD_WITHOUT_STORE) || head == EMPTY {
            None
        } else {
            return Err(NotFound::HEAD);
        };
        Ok(Self { node, name, store, accesses })
    }

    /// The closure in which evcxr puts the cell.
    pub fn closure(&self) -> Option<SyntaxNode> {
        let body = self.node.body()?;
        let calls = body.syntax().descendants().filter_map(ast::CallExpr::cast);
        let mut catching =
            calls.filter(|call| call.expr().is_some_and(|called| called.syntax().text() == "std::panic::catch_unwind"));
        let closure = catching.next()?.syntax().descendants().find_map(ast::ClosureExpr::cast)?;
        Some(closure.body()?.syntax().clone())
    }
}

fn is_function(name: Option<&ast::Name>) -> bool {
    name.is_some_and(|name| name.text().starts_with(FUNCTION))
}

fn is_named(item: &ast::Item, name: &str) -> bool {
    matches!(item, ast::Item::Fn(function) if function.name().is_some_and(|is| is.text() == name))
}

fn is_module(item: &ast::Item) -> bool {
    matches!(item, ast::Item::Module(module) if module.name().is_some_and(|name| name.text() == variable_store::MODULE))
}

/// The line on which evcxr's code begins.
fn start_of_generated(source: &str, first: &SyntaxNode, is_error: bool) -> usize {
    let token = first_token(first).map_or(first.text_range(), |token| token.text_range());
    let line = lines(source, bytes(token)).start;
    // Above its type for errors evcxr writes an empty line.
    if is_error && source[..line].ends_with("\n\n") { line - 1 } else { line }
}

/// The byte at which a line begins; `above` is the number of lines above it.
fn start_of_line(source: &str, above: usize) -> Option<usize> {
    match above.checked_sub(1) {
        None => Some(0),
        Some(newline) => source.match_indices('\n').nth(newline).map(|(at, _)| at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        self, ITEMS, NEW_VARIABLE, QUESTION_MARK, TEXT_LIKE_EVCXRS, cell, cell_with_variables, replace,
    };
    use crate::variable_store::OF_CELLS;
    use crate::{Definitions, Variables};

    fn parse(source: &str) -> GeneratedCell {
        GeneratedCell::parse(source).unwrap()
    }

    #[test]
    fn a_comment_behind_the_last_item_is_not_the_stores() {
        let source = cell_with_variables("type Price = i32; // words\n", &[("a", "Price")], "a;\n", "");
        let text = parse(&source).render(&Definitions::default(), Variables::Mentioned).text;
        assert!(text.contains(OF_CELLS) && text.contains("// words\n"), "{text}");
    }

    fn refused(source: &str) -> String {
        GeneratedCell::parse(source).err().map_or_else(String::new, |not_found| not_found.to_string())
    }

    fn store(source: &str) -> Option<String> {
        parse(source).store().map(|lines| source[lines].to_owned())
    }

    fn rendered(source: &str) -> String {
        parse(source).render(&Definitions::default(), Variables::All).text
    }

    /// evcxr's module, and nothing else.
    fn module() -> String {
        let (_, module) = NEW_VARIABLE.split_once("mod evcxr_internal_runtime {\n").unwrap();
        let (module, _) = module.split_once("#[unsafe(no_mangle)]\n").unwrap();
        format!("mod evcxr_internal_runtime {{\n{module}")
    }

    #[test]
    fn evcxrs_module_is_found_whatever_the_cell_is() {
        for user in ["", "fn a() {}\n", "fn z() { ( }\n", "mod evcxr_internal_runtime2 {\n}\n"] {
            let source = cell_with_variables(user, &[("a", "u8")], "a;\n", "");
            assert_eq!(store(&source), Some(module()), "{user}");
            assert_eq!(store(&cell(user, "let a = 1;\n")), None, "{user}");
        }
        let ours = rendered(&cell_with_variables("", &[("a", "u8")], "a;\n", ""));
        assert_eq!(store(&ours).as_deref(), Some(OF_CELLS));
    }

    /// Text that looks like evcxr's in a string, as an item and as a statement.
    #[test]
    fn a_string_with_the_text_of_evcxrs_is_a_string() {
        let text = r##"r#"
mod evcxr_internal_runtime {
}
#[unsafe(no_mangle)]
pub extern "C" fn run_user_code_1(
impl<T: Display> From<T> for EvcxrUserCodeError {
eprintln!("{}", error);
"#"##;
        let item = format!("const TEXT: &str = {text};\n");
        let statement = format!("let text = {text};\n");
        for broken in ["", "fn z() { ( }\n"] {
            for source in [
                cell_with_variables(&format!("{item}{broken}"), &[("a", "u8")], "a;\n", ""),
                cell_with_variables(broken, &[("a", "u8")], &format!("a;\n{statement}"), ""),
            ] {
                assert_eq!(store(&source), Some(module()), "{source}");
                let text_of_ours = rendered(&source);
                assert!(text_of_ours.contains(OF_CELLS) && text_of_ours.contains(text), "{text_of_ours}");
            }
        }
        assert_eq!(store(TEXT_LIKE_EVCXRS), Some(module()));
        assert_eq!(rendered(TEXT_LIKE_EVCXRS).matches(OF_CELLS).count(), 1);
    }

    /// What evcxr writes when it has a cell looked at.
    #[test]
    fn a_cell_that_is_only_looked_at() {
        for broken in ["", "fn z() { ( }\n"] {
            let source =
                replace(fixtures::ANALYSIS, "fn f() {}\n", &format!("fn f() {{}}\nstatic N: u8 = 1;\n{broken}"));
            let cell = parse(&source);
            assert!(cell.store().is_none() && cell.function().is_none() && cell.user_error().is_some());
            let text = rendered(&source);
            assert!(
                text.contains("ferrobook_static_N_") && text.contains("EVCXR_BEGIN_CONTENT ferrobook/error"),
                "{text}"
            );
            assert_eq!(text.lines().count(), source.lines().count());
        }
        let without = replace(fixtures::ANALYSIS, "fn evcxr_variable_store<T: 'static>(_: T) {}\n", "");
        assert!(refused(&without).contains("the store of variables"));
    }

    #[test]
    fn a_cell_without_statements() {
        assert!(parse(ITEMS).store().is_none());
    }

    #[test]
    fn code_without_a_piece_of_evcxrs_is_refused() {
        let of_variables = cell_with_variables("", &[("a", "u8")], "a;\n", "");
        let without_module = of_variables.replace(&module(), "");
        assert_eq!(
            refused(&without_module),
            "the cell is not compiled: the module `evcxr_internal_runtime` with the store of variables was not found in \
             the code that evcxr has written for it"
        );
        for (source, piece) in [
            (replace(&cell("", "1;\n"), "run_user_code_2", "user_code"), "the function `run_user_code_…`"),
            (format!("{}fn more() {{}}\n", cell("", "1;\n")), "the function `run_user_code_…`"),
            (replace(&cell("", "1;\n"), r#"pub extern "C" fn"#, "pub extern fn"), "the line that names"),
            (replace(&cell("", "1;\n"), "evcxr_variable_store: *mut u8)", "store: *mut u8)"), "how the function"),
            (replace(&of_variables, ".is_null() {", ".is_null()\n{"), "how the function"),
            (replace(&of_variables, "if !vars_ok {", "if vars_ok == false {"), "the check of the variables' types"),
            (replace(&of_variables, "(a));\nif", "(a)); if"), "a statement about a variable on lines of its own"),
            (replace(QUESTION_MARK, r#"eprintln!("{}", error);"#, "report(error);"), "the line that prints the error"),
            // Where the parser understands less.
            (format!("fn z() {{ ( }}\n{without_module}"), "the module `evcxr_internal_runtime`"),
            (format!("fn z() {{ ( }}\n{of_variables}{of_variables}"), "the function `run_user_code_…`"),
            ("fn z() { ( }\n".to_owned(), "the function `run_user_code_…`"),
        ] {
            assert!(refused(&source).contains(piece), "{piece}: {:?} for\n{source}", refused(&source));
        }
    }

    #[test]
    fn refused_code_does_not_compile_and_keeps_its_lines() {
        let source = cell("", "1;\n");
        let Rendered { text, origin, left_out } = NotFound::STORE.refuse(&source);
        let error = format!(" compile_error!({:?});", NotFound::STORE.to_string());
        assert_eq!(text.strip_suffix('\n').and_then(|text| text.strip_suffix(&error)), Some(source.trim_end()));
        assert_eq!(origin.of(5, 6), (5, 6));
        assert!(left_out.is_empty());
    }

    #[test]
    fn what_evcxr_keeps() {
        let new = r"evcxr_variable_store.put_variable::<HashMap<u8, Vec<i32>>>(stringify!(a), a);
evcxr_variable_store.put_variable::<u8>(stringify!(r#b), r#b);
";
        let source = cell_with_variables(
            "",
            &[("c", "Vec<\n  u8>")],
            r#"let text = "
put_variable::<";
"#,
            new,
        );
        let cell = parse(&source);
        let expected = [("a", "HashMap<u8, Vec<i32>>"), ("r#b", "u8"), ("c", "Vec<\n  u8>")];
        assert_eq!(cell.kept().collect::<Vec<_>>(), expected);
        let line = source.lines().position(|line| line.contains("put_variable::<u8>")).unwrap() + 1;
        assert!(cell.keeps_on(line) && cell.keeps_on(line - 1) && !cell.keeps_on(line + 1) && !cell.keeps_on(0));
    }
}

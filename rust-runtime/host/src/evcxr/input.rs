//! What evcxr is given of a cell: the commands that are its own, and the code without what it would take for something else.

use crate::cell::Cell;
use crate::cell::commands::is_documentation;
use crate::cell::untyped::Untyped;
use ferrobook_evcxr_code::type_hints::{HINT, HINT_END};
use std::ops::Range;

pub struct Input<'a> {
    pub cell: &'a Cell,
    /// In place of the lines above the cell's code, and as many.
    pub head: String,
}

impl<'a> Input<'a> {
    pub fn new(cell: &'a Cell, head: String) -> Self {
        Self { cell, head }
    }

    /// Only the code of a cell.
    pub fn without_commands(cell: &'a Cell) -> Self {
        Self::new(cell, cell.head_without(|line| cell.commands.iter().any(|(number, _)| *number == line)))
    }

    /// As the user wrote it, but for the commands that are not evcxr's.
    pub fn text(&self) -> String {
        format!("{}{}", self.head, self.cell.code())
    }

    /// With these types of [`Cell::untyped`], or without any.
    pub fn for_evcxr(&self, types: &[String]) -> String {
        let untyped = self.cell.untyped.iter().flatten().zip(types);
        let types = untyped.map(|(variable, of_type)| typed(&self.cell.source, variable, of_type));
        let items = self.cell.macro_items.iter();
        let items = items.map(|made| (made.place.clone(), made.for_evcxr(&self.cell.source[made.place.clone()])));
        let mut changes: Vec<(Range<usize>, String)> = types.chain(items).collect();
        changes.sort_by_key(|(range, _)| range.start);
        let mut code = String::new();
        let mut from = self.cell.head().len();
        for (Range { start, end }, text) in changes {
            code += &self.cell.source[from..start];
            code += &text;
            from = end;
        }
        code += &self.cell.source[from..];
        // evcxr takes documentation at the beginning of a cell for an ordinary comment, and leaves it out, and a `!` there for
        // a shell command. The cargo shim takes out what stands before it.
        let before =
            if is_documentation(&code) || code.starts_with('!') { format!("{HINT}{HINT_END}") } else { String::new() };
        format!("{}{before}{code}", self.head)
    }
}

/// A type in the place where the user wrote none. One with `_` in it becomes a comment.
fn typed(source: &str, Untyped { place, .. }: &Untyped, of_type: &str) -> (Range<usize>, String) {
    let text = match &source[place.clone()] {
        "" => format!("{HINT}: {of_type}{HINT_END}"),
        users => format!("{HINT}{of_type}/*{HINT_END}{users}{HINT}*/{HINT_END}"),
    };
    (place.clone(), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::syntax::EDITION;
    use ra_ap_syntax::SourceFile;
    use ra_ap_syntax::ast::{self, AstNode};

    fn given(source: &str) -> String {
        let cell = Cell::new(source);
        Input::new(&cell, cell.head().to_owned()).for_evcxr(&[])
    }

    #[test]
    fn keys_become_items() {
        let source = r"let a = 1;
thread_local! {
    /// One.
    pub static A: Cell<u32> = const { Cell::new(1) };
    static B: RefCell<Vec<u8>> = RefCell::default()
}
A.get()";
        let expected = r"let a = 1;
pub static A: crate::FerrobookLocal<Cell < u32 >> = { ::std::thread_local! {
/// One.
    pub static A: Cell<u32> = const { Cell::new(1) };
} crate::FerrobookLocal::new(&A) };
static B: crate::FerrobookLocal<RefCell < Vec < u8 > >> = { ::std::thread_local! {
static B: RefCell<Vec<u8>> = RefCell::default()
} crate::FerrobookLocal::new(&B) };

A.get()";
        assert_eq!(given(source), expected);
        let cell = Cell::new(source);
        let items: Vec<_> = cell.statements.iter().filter(|statement| statement.is_item).collect();
        assert_eq!(items.iter().map(|item| (item.line, item.column)).collect::<Vec<_>>(), [(3, 4), (5, 4)]);
        assert_eq!(items[0].name.as_deref(), Some("A"));
        assert!(items.iter().all(|item| expected.contains(&format!("\n{}\n", item.text))));
    }

    #[test]
    fn lazy_statics_become_items() {
        let source = r"lazy_static::lazy_static! {
    /// One.
    pub static ref A: Mutex<u32> = Mutex::new(1);
    static ref B: Vec<u8> = {
        vec![1]
    };
}";
        let expected = r"pub static A: ::std::sync::LazyLock<Mutex < u32 >> = ::std::sync::LazyLock::new(|| {
Mutex::new(1)
});
static B: ::std::sync::LazyLock<Vec < u8 >> = ::std::sync::LazyLock::new(|| {
{
        vec![1]
    }
});
";
        assert_eq!(given(source), expected);
        let cell = Cell::new(source);
        let items: Vec<_> =
            cell.statements.iter().map(|item| (item.name.as_deref(), item.line, item.is_item)).collect();
        assert_eq!(items, [(Some("A"), 3, true), (Some("B"), 4, true)]);
        assert!(Cell::new("lazy_static! { fn f() {} }").ignored.is_some());
    }

    #[test]
    fn other_code_stays() {
        for source in ["f(thread_local!())", "mod m { thread_local! { static A: u8 = 1; } }", "thread_local"] {
            assert_eq!(given(source), source);
            assert!(Cell::new(source).ignored.is_none());
        }
        assert!(Cell::new("thread_local! { fn f() {} }").ignored.is_some());
        assert!(Cell::new("thread_local!(static A: u8)").ignored.is_some());
    }

    #[test]
    fn a_cell_with_types_is_the_same_cell_without_them() {
        let cell = Cell::new(
            r"// é
let mut a /* c */ = 1;
let b: Vec<_> = a.iter().collect();
let a = 2;",
        );
        let types = ["Option<u8>", "Vec<u64>", "Option<u8>"].map(str::to_owned);
        let typed = Input::new(&cell, cell.head().to_owned()).for_evcxr(&types);
        assert_eq!(typed.lines().count(), cell.source.lines().count());
        assert_eq!(Cell::new(&typed).untyped, Some(Vec::new()));
        let parsed = SourceFile::parse(&format!("fn f() {{ {typed} }}"), EDITION);
        assert_eq!(parsed.errors(), []);
        let lets: Vec<_> = parsed.syntax_node().descendants().filter_map(ast::LetStmt::cast).collect();
        let found: Vec<_> = lets.iter().map(|statement| statement.ty().unwrap().syntax().text().to_string()).collect();
        assert_eq!(found, types);
    }

    #[test]
    fn documentation_at_the_beginning_is_kept() {
        assert_eq!(given("\n/// D.\nstruct D;"), format!("\n{HINT}{HINT_END}/// D.\nstruct D;"));
        assert_eq!(given("//// no documentation\nf()"), "//// no documentation\nf()");
    }
}

//! The code of the cell that evcxr calls cargo for, in the current directory.

use crate::definitions;
use ferrobook_evcxr_code::{Definitions, GeneratedCell, NotFound, Rendered, SOURCE, Variables, type_hints};
use ferrobook_protocol::build::{BuildOrder, GENERATED, Kind};

/// What is tried, as long as the compiler does not want something else.
#[derive(Clone, Copy)]
pub struct Attempt {
    pub variables: Variables,
    /// Whether another trait shows values.
    pub show_trait_stands_aside: bool,
}

pub struct CellSource {
    /// As evcxr would have written it without what the host has inserted for it alone.
    pub text: String,
    parsed: Result<GeneratedCell, NotFound>,
}

impl CellSource {
    pub fn read() -> std::io::Result<Self> {
        let text = type_hints::remove(&std::fs::read_to_string(SOURCE)?);
        Ok(Self { parsed: GeneratedCell::parse(&text), text })
    }

    /// `None` when it is not what evcxr is known to write.
    pub fn cell(&self) -> Option<&GeneratedCell> {
        self.parsed.as_ref().ok()
    }

    /// Has the host read lines from it.
    pub fn show(&self) -> std::io::Result<()> {
        std::fs::write(GENERATED, &self.text)
    }

    /// Puts in its place what is to be compiled.
    pub fn replace(&self, order: &BuildOrder, attempt: Attempt) -> std::io::Result<Rendered> {
        let Attempt { variables, show_trait_stands_aside } = attempt;
        let definitions = Definitions { show_trait_stands_aside, ..definitions::of_this_crate(order) };
        let mut rendered = match &self.parsed {
            Ok(cell) => cell.render(&definitions, variables),
            Err(not_found) => not_found.refuse(&self.text),
        };
        if order.kind == Kind::Cell && !definitions.dependencies.is_empty() {
            rendered.use_shared_crates();
        }
        std::fs::write(SOURCE, &rendered.text)?;
        Ok(rendered)
    }
}

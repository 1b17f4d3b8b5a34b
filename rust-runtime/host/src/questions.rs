//! What the kernel asks besides cells: a module for each question, which says when and how it is answered.

mod cache;
mod check;
mod complete;
mod cursor;
mod inspect;
mod is_complete;
mod type_size;
mod value;
mod variables;

pub use cache::usage as cache_usage;

use crate::session::checks::Checks;
use crate::session::state::Session;
use ferrobook_protocol::build::StoreSettings;
use ferrobook_protocol::{Answer, Question};
use std::fmt::Debug;

/// A question that takes no evcxr: the thread that reads requests answers it at once, also while a cell runs. It ends no
/// check.
pub trait AtOnce {
    /// `store` is where results are kept, if they are.
    fn answer(&self, store: Option<&StoreSettings>) -> Answer;
}

/// A question about what evcxr knows: it gets its turn on the thread that owns evcxr, and ends a check that runs.
pub trait InTurn: Debug + Send {
    /// The answer instead while a cell runs or waits, as nobody waits that long; also when evcxr panics over the question.
    fn without_evcxr(&self) -> Answer;

    /// When it gets its place in the queue.
    fn arrive(&self, _checks: &Checks) {}

    fn answer(&self, session: &mut Session) -> Answer;
}

pub enum Asked {
    AtOnce(Box<dyn AtOnce>),
    InTurn(Box<dyn InTurn>),
}

pub fn of(id: u32, question: Question) -> Asked {
    match question {
        Question::Complete { code, cursor } => Asked::InTurn(Box::new(complete::Complete { code, cursor })),
        Question::Inspect { code, cursor } => Asked::InTurn(Box::new(inspect::Inspect { code, cursor })),
        Question::IsComplete { code } => Asked::AtOnce(Box::new(is_complete::IsComplete { code })),
        Question::Check { code, cell } => Asked::InTurn(Box::new(check::Check { code, cell })),
        Question::Variables => Asked::InTurn(Box::new(variables::Variables)),
        Question::Value { name } => Asked::InTurn(Box::new(value::Value { id, name })),
        Question::Cache { clear } => Asked::AtOnce(Box::new(cache::Cache { clear })),
    }
}

//! The variables that cells have left.

use crate::evcxr::engine::Engine;
use crate::questions::{InTurn, type_size};
use crate::session::state::Session;
use ferrobook_protocol::{Answer, Variable};

#[derive(Debug)]
pub struct Variables;

impl InTurn for Variables {
    fn without_evcxr(&self) -> Answer {
        Answer::Variables { variables: None }
    }

    fn answer(&self, session: &mut Session) -> Answer {
        let found = session.engine.as_ref().map(Engine::variables).unwrap_or_default();
        let mut variables: Vec<Variable> = found
            .into_iter()
            .map(|(name, type_name)| Variable { size: type_size::of(&type_name), name, type_name })
            .collect();
        variables.sort_by(|a, b| a.name.cmp(&b.name));
        Answer::Variables { variables: Some(variables) }
    }
}

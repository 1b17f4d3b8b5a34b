//! The cells that ran: a later one can call their code through a pointer.

use crate::cell::Cell;
use crate::diagnostics::source_map::SourceMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Those whose libraries may still be called, newest last.
#[derive(Default)]
pub struct CompiledCells {
    known: VecDeque<Compiled>,
}

pub struct Compiled {
    pub library: String,
    pub map: SourceMap,
    pub cell: Arc<Cell>,
    /// The number of the run.
    pub run: u64,
}

impl CompiledCells {
    const MOST: usize = 300;

    pub fn add(&mut self, compiled: Compiled) {
        self.known.push_back(compiled);
        if self.known.len() > Self::MOST {
            self.known.pop_front();
        }
    }

    pub fn of_library(&self, library: &str) -> Option<&Compiled> {
        self.known.iter().rev().find(|compiled| compiled.library == library)
    }
}

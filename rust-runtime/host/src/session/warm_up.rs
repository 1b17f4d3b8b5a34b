//! When rust-analyzer is warmed up: while nothing is to be done, and nothing comes that would wait for it.

use crate::cell::Cell;
use crate::evcxr::engine::Engine;
use ferrobook_sys::memory::give_back;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// How long nothing has to be asked for before rust-analyzer is warmed up: who has opened a notebook often runs it at once, and
/// a cell that is known would wait for it.
const BEFORE_WARMING: Duration = Duration::from_secs(2);

/// What is known of the cells that will be asked for next.
#[derive(Debug, PartialEq, Eq)]
enum Upcoming {
    /// Nothing, and nothing runs.
    Unknown,
    /// Nothing, but a cell of another language runs. A client that sends one cell after the other may well send one next
    /// that is known, which would wait for rust-analyzer.
    Later,
    /// So many, which rust-analyzer is not needed for.
    Simple(usize),
    /// One at least needs rust-analyzer.
    Inferred,
}

pub struct WarmUp {
    upcoming: Upcoming,
    /// What rust-analyzer has not been asked yet.
    cold: std::slice::Iter<'static, &'static str>,
}

impl Default for WarmUp {
    fn default() -> Self {
        Self { upcoming: Upcoming::Unknown, cold: Engine::WARM_UPS.iter() }
    }
}

impl WarmUp {
    /// How long a job is waited for before the next step.
    pub fn patience(&self, was_warmed_up: bool) -> Duration {
        match self.upcoming {
            Upcoming::Unknown if !was_warmed_up => BEFORE_WARMING,
            Upcoming::Unknown | Upcoming::Inferred => Duration::ZERO,
            Upcoming::Later | Upcoming::Simple(_) => Duration::MAX,
        }
    }

    /// Asks rust-analyzer the next thing that a first cell would have to wait for. False when there is nothing more to do.
    pub fn step(&mut self, engine: Option<&mut Engine>) -> bool {
        match (engine, self.cold.next()) {
            (Some(engine), Some(code)) => {
                if catch_unwind(AssertUnwindSafe(|| engine.warm_up(code))).is_err() {
                    tracing::warn!("rust-analyzer panicked while it was warmed up");
                }
                true
            }
            _ => {
                if self.upcoming == Upcoming::Unknown {
                    // rust-analyzer frees a third of all that it has had when it has read the standard library.
                    give_back();
                }
                false
            }
        }
    }

    /// The kernel has told which cells wait.
    pub fn expect(&mut self, codes: &[String], idle: bool, engine: Option<&Engine>) {
        self.upcoming = match engine {
            Some(engine) if !codes.is_empty() => match codes.iter().all(|code| engine.is_simple(&Cell::new(code))) {
                true => Upcoming::Simple(codes.len()),
                false => Upcoming::Inferred,
            },
            _ if idle => Upcoming::Unknown,
            _ => Upcoming::Later,
        };
    }

    /// One of them has come.
    pub fn cell_came(&mut self) {
        self.upcoming = match self.upcoming {
            Upcoming::Simple(more @ 2..) => Upcoming::Simple(more - 1),
            _ => Upcoming::Unknown,
        };
    }
}

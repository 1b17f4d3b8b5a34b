//! What the session works with, and what it knows between two requests.

use crate::build::setup::{Leftovers, Setup};
use crate::evcxr::engine::Engine;
use crate::process::output::Output;
use crate::program::SharedProgram;
use crate::program::generations::Generations;
use crate::program::replacements::Replacements;
use crate::session::checks::Checks;
use crate::session::events::Events;
use crate::session::interrupts::Interrupts;
use crate::session::warm_up::WarmUp;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::Instant;

pub struct Session {
    pub setup: Setup,
    pub leftovers: Arc<Mutex<Leftovers>>,
    pub generations: Generations,
    pub replacements: Replacements,
    pub events: Arc<Events>,
    pub program: SharedProgram,
    pub output: Arc<Output>,
    pub interrupts: Arc<Interrupts>,
    pub checks: Arc<Checks>,
    /// Cells that are waiting or running.
    pub busy: Arc<AtomicUsize>,
    pub engine: Option<Engine>,
    /// Printed on stderr of the next cell.
    pub notice: Option<String>,
    /// When the last cell ended.
    pub last_end: Instant,
    pub warm_up: WarmUp,
    /// The exit code with which the host ends after this request.
    pub ended: Option<i32>,
}

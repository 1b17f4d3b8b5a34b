//! Rust's stdout holds back a line that is not complete; while a cell runs, this thread lets it out now and then, so
//! that `print!(".")` in a loop shows. It must never hold up the end of a cell or a snapshot.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(100);
/// A flush that waits for a lock that the cell keeps is not waited for.
const PATIENCE: Duration = Duration::from_millis(50);

#[derive(Default)]
struct State {
    /// The cells' own flush function, while a cell runs.
    flush: Option<extern "C" fn()>,
    started: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    /// Held while the cells' stdout is being flushed.
    flushing: Mutex<()>,
}

#[derive(Default)]
pub struct Flusher {
    shared: Arc<Shared>,
}

/// Keeps the thread from beginning a flush.
pub struct Pause<'a> {
    _state: MutexGuard<'a, State>,
    _flushing: Option<MutexGuard<'a, ()>>,
}

impl Flusher {
    pub fn is_running(&self) -> bool {
        lock(&self.shared.state).started
    }

    pub fn begin(&self, flush: extern "C" fn()) {
        let mut state = lock(&self.shared.state);
        state.flush = Some(flush);
        if state.started {
            self.shared.wake.notify_one();
            return;
        }
        let shared = Arc::clone(&self.shared);
        // Without the thread, incomplete lines come at the end of the cell.
        state.started = std::thread::Builder::new().name("flusher".to_owned()).spawn(move || run(&shared)).is_ok();
    }

    pub fn end(&self) {
        lock(&self.shared.state).flush = None;
        self.wait_for_flush();
    }

    pub fn pause(&self) -> Pause<'_> {
        let state = lock(&self.shared.state);
        Pause { _state: state, _flushing: self.wait_for_flush() }
    }

    /// In a process that was just forked there is no thread any more, and locks may be as it left them.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn wait_for_flush(&self) -> Option<MutexGuard<'_, ()>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.shared.flushing.try_lock() {
                Ok(guard) => return Some(guard),
                Err(std::sync::TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(std::sync::TryLockError::WouldBlock) if Instant::now() > deadline => return None,
                Err(std::sync::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(200)),
            }
        }
    }
}

fn run(shared: &Shared) {
    loop {
        let mut state = lock(&shared.state);
        while state.flush.is_none() {
            state = shared.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        std::thread::sleep(INTERVAL);
        let state = lock(&shared.state);
        let Some(flush) = state.flush else { continue };
        let flushing = lock(&shared.flushing);
        drop(state);
        flush();
        drop(flushing);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

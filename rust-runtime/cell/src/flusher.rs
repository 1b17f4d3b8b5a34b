//! A thread beside the cell. Rust's stdout holds back a line that is not complete; while a cell runs, the thread lets it
//! out now and then, so that `print!(".")` in a loop shows. It must never hold up the end of a cell or a snapshot.

use ferrobook_sys::threads;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(100);
/// A flush that waits for a lock that the cell keeps is not waited for.
const PATIENCE: Duration = Duration::from_millis(50);

/// The thread's id; 0 while there is none.
pub static THREAD: AtomicI32 = AtomicI32::new(0);

#[derive(Default)]
struct State {
    /// The cells' own flush function, while a cell runs.
    flush: Option<extern "C" fn()>,
    /// A flush that is wanted at once.
    asked: Option<extern "C" fn()>,
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
    pub fn begin(&self, flush: extern "C" fn()) {
        let mut state = lock(&self.shared.state);
        state.flush = Some(flush);
        self.wake(&mut state);
    }

    pub fn end(&self) {
        lock(&self.shared.state).flush = None;
        self.wait_for_flush();
    }

    pub fn pause(&self) -> Pause<'_> {
        let state = lock(&self.shared.state);
        Pause { _state: state, _flushing: self.wait_for_flush() }
    }

    /// Whether the cells' output could be flushed within the time that a cell may be held up.
    pub fn try_flush(&self, flush: extern "C" fn()) -> bool {
        if self.wait_for_flush().is_none() {
            return false;
        }
        let mut state = lock(&self.shared.state);
        state.asked = Some(flush);
        self.wake(&mut state);
        drop(state);
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if lock(&self.shared.state).asked.is_none() {
                return self.wait_for_flush().is_some();
            }
            std::thread::sleep(Duration::from_micros(50));
        }
        false
    }

    /// In a process that was just forked there is no thread any more, and locks may be as it left them.
    pub fn forget(&mut self) {
        THREAD.store(0, Ordering::SeqCst);
        *self = Self::default();
    }

    fn wake(&self, state: &mut State) {
        if state.started {
            self.shared.wake.notify_one();
            return;
        }
        let shared = Arc::clone(&self.shared);
        // Without the thread, incomplete lines come at the end of the cell.
        state.started = std::thread::Builder::new().name("flusher".to_owned()).spawn(move || run(&shared)).is_ok();
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
    THREAD.store(threads::current(), Ordering::SeqCst);
    loop {
        let mut state = lock(&shared.state);
        while state.flush.is_none() && state.asked.is_none() {
            state = shared.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.asked.is_none() {
            (state, _) = shared.wake.wait_timeout(state, INTERVAL).unwrap_or_else(PoisonError::into_inner);
        }
        let Some(flush) = state.asked.take().or(state.flush) else { continue };
        let flushing = lock(&shared.flushing);
        drop(state);
        flush();
        drop(flushing);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

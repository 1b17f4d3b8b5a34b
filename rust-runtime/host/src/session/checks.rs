//! A check is for what somebody is typing, so everything else that is asked for comes before it, and ends it.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct Checks {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Requests that have arrived, and that the session has not taken up.
    waiting: usize,
    /// Whether the checks that were asked for may still run.
    wanted: bool,
    running: bool,
    /// The process group of the compiler that looks at the cell.
    compiler: Option<Pid>,
}

impl Checks {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A check is asked for.
    pub fn want(&self) {
        self.state().wanted = true;
    }

    /// Ends the checks that were asked for.
    pub fn cancel(&self) {
        let mut state = self.state();
        state.wanted = false;
        state.end_if_unwanted();
    }

    /// A request waits for the session, and ends a check that runs.
    pub fn request_arrived(&self) {
        let mut state = self.state();
        state.waiting += 1;
        state.end_if_unwanted();
    }

    pub fn request_taken_up(&self) {
        let mut state = self.state();
        state.waiting = state.waiting.saturating_sub(1);
    }

    /// False when something else waits, or nobody wants to know any more.
    #[must_use]
    pub fn begin(&self) -> bool {
        let mut state = self.state();
        state.running = state.is_wanted();
        state.running
    }

    pub fn compiler_began(&self, group: i32) {
        let mut state = self.state();
        state.compiler = Some(Pid::from_raw(group));
        state.end_if_unwanted();
    }

    pub fn compiler_ended(&self) {
        self.state().compiler = None;
    }

    pub fn end(&self) {
        let mut state = self.state();
        state.running = false;
        state.compiler = None;
    }
}

impl State {
    fn is_wanted(&self) -> bool {
        self.wanted && self.waiting == 0
    }

    fn end_if_unwanted(&self) {
        if self.running
            && !self.is_wanted()
            && let Some(compiler) = self.compiler
        {
            let _ = killpg(compiler, Signal::SIGKILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Child, Command};

    fn compiler() -> (Child, i32) {
        let child = Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        let group = i32::try_from(child.id()).unwrap();
        (child, group)
    }

    fn is_killed(child: &mut Child) -> bool {
        child.wait().unwrap().signal() == Some(9)
    }

    #[test]
    fn a_request_ends_a_check() {
        let checks = Checks::default();
        checks.want();
        let (mut child, group) = compiler();
        assert!(checks.begin());
        checks.compiler_began(group);
        checks.request_arrived();
        assert!(is_killed(&mut child));
        checks.end();
        assert!(!checks.begin(), "the request still waits");
        checks.request_taken_up();
        assert!(checks.begin());
    }

    #[test]
    fn a_request_that_came_before_the_compiler_ends_it_too() {
        let checks = Checks::default();
        checks.want();
        let (mut child, group) = compiler();
        assert!(checks.begin());
        checks.request_arrived();
        checks.compiler_began(group);
        assert!(is_killed(&mut child));
    }

    #[test]
    fn a_check_that_is_cancelled_ends_or_does_not_begin() {
        let checks = Checks::default();
        checks.want();
        let (mut child, group) = compiler();
        assert!(checks.begin());
        checks.compiler_began(group);
        checks.cancel();
        assert!(is_killed(&mut child));
        checks.end();
        assert!(!checks.begin());
        checks.want();
        assert!(checks.begin());
    }
}

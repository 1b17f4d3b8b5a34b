//! Threads of this process.

use crate::system;

/// The number by which [`all`] knows the thread that calls.
pub fn current() -> i32 {
    system::current_thread()
}

pub fn is_main() -> bool {
    system::is_main_thread()
}

/// Nobody's, where the system does not tell.
pub fn all() -> Vec<i32> {
    system::threads()
}

pub fn name(thread: i32) -> Option<String> {
    system::thread_name(thread)
}

/// Whether it waits, without a time limit, for another thread of this process.
pub fn waits_for_ever(thread: i32) -> bool {
    system::waits_for_ever(thread)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_thread_that_nobody_answers_waits_for_ever() {
        let (answer, wait) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let waiting = std::thread::Builder::new().name("waiting".to_owned()).spawn(move || {
            tell.send(current()).unwrap();
            wait.recv().unwrap();
        });
        let thread = told.recv().unwrap();
        assert!(all().contains(&thread) && all().contains(&current()));
        assert_eq!(name(thread).as_deref(), Some("waiting"));
        while !waits_for_ever(thread) {
            std::thread::yield_now();
        }
        assert!(!waits_for_ever(current()) && !is_main());
        answer.send(()).unwrap();
        waiting.unwrap().join().unwrap();
    }
}

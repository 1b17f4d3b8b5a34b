//! Which permissions new files do not get.

use crate::system;

/// umask(2) can only be read by setting it, which is everybody's in a process with several threads.
pub fn current() -> u32 {
    system::umask().unwrap_or(0o022)
}

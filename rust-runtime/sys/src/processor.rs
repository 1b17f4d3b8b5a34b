//! The processor of this machine.

use crate::system;

/// Everything by which it can be told from another one that code was made for; `None` when that is not known.
pub fn description() -> Option<String> {
    system::processor()
}

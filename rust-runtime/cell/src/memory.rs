//! How much memory the process holds, and what the system does when there is not enough.

use ferrobook_sys::memory::{available_bytes, offer_to_be_ended, resident_bytes};
use nix::sys::resource::{UsageWho, getrusage};

/// A copy shares its memory with the cell until one of them writes; in the end both may have to fit.
const SHARE_OF_AVAILABLE: u64 = 2;
/// Below this many bytes nobody asks how much the machine has left: reading it costs more than it is worth.
const SMALL: u64 = 256 << 20;

/// How much the process holds and the limit that this exceeds, both in bytes.
pub fn too_large_for_a_copy(limit: u64) -> Option<(u64, u64)> {
    let resident = resident_bytes()?;
    if resident > limit {
        return Some((resident, limit));
    }
    let limit = available_bytes().filter(|_| resident > SMALL)? / SHARE_OF_AVAILABLE;
    (resident > limit).then_some((resident, limit))
}

/// When memory runs out, the process that runs the cell goes before its snapshot, and both go
/// before the kernel, Python and the compilers.
const RUNS_CELLS: u16 = 500;
const HOLDS_A_COPY: u16 = 300;

pub fn be_first_to_go() {
    offer_to_be_ended(RUNS_CELLS);
}

pub fn be_spared() {
    offer_to_be_ended(HOLDS_A_COPY);
}

/// Looking for what a cell has freed pays when it has touched more pages than this: 4 MiB.
pub const MANY_PAGES: u64 = 1024;

/// How many pages the process has been given, or had copied, since it began.
pub fn page_faults() -> u64 {
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.minor_page_faults().unsigned_abs())
}

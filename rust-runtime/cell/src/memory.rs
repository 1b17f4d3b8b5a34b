//! How much memory the process holds, and what the system does when there is not enough.

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

fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    // SAFETY: asks for a constant.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    Some(pages * page)
}

fn available_bytes() -> Option<u64> {
    let memory = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().split(' ').next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// proc_pid_oom_score_adj(5): when memory runs out, the process that runs the cell goes before its snapshot, and both go
/// before the kernel, Python and the compilers.
const RUNS_CELLS: &[u8] = b"500";
const HOLDS_A_COPY: &[u8] = b"300";

pub fn be_first_to_go() {
    let _ = std::fs::write("/proc/self/oom_score_adj", RUNS_CELLS);
}

pub fn be_spared() {
    let _ = std::fs::write("/proc/self/oom_score_adj", HOLDS_A_COPY);
}

/// Looking for what a cell has freed pays when it has touched more pages than this: 4 MiB.
pub const MANY_PAGES: u64 = 1024;

/// How many pages the process has been given, or had copied, since it began.
pub fn page_faults() -> u64 {
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.minor_page_faults().unsigned_abs())
}

//! Before which cells the cell process is copied, so that a crash or an interrupt loses nothing.
//!
//! A copy costs page tables at once, and then a fault for each page that the cell writes to: both grow with the memory
//! that the process holds, so there is a limit.

use bytesize::ByteSize;
use ferrobook_protocol::cell::Snapshot;
use ferrobook_protocol::{CellOptions, SnapshotPolicy};

/// The environment variable that sets the limit: a size such as `8GB`, or `off`.
const VARIABLE: &str = "FERROBOOK_SNAPSHOT_LIMIT";
const DEFAULT: ByteSize = ByteSize::gib(4);

pub struct Snapshots {
    limit: ByteSize,
    /// What was wrong with the setting; to be told once.
    complaint: Option<String>,
    /// Whether it was said that a cell runs without a snapshot.
    told: bool,
}

impl Snapshots {
    pub fn from_environment() -> Self {
        Self::new(std::env::var(VARIABLE).ok().as_deref())
    }

    fn new(setting: Option<&str>) -> Self {
        let (limit, complaint) = match setting.map(str::trim) {
            None | Some("") => (DEFAULT, None),
            Some(off) if off.eq_ignore_ascii_case("off") => (ByteSize(0), None),
            Some(size) => match size.parse::<ByteSize>() {
                Ok(limit) => (limit, None),
                Err(_) => {
                    let complaint = format!(
                        "{VARIABLE} is \"{size}\", which is neither a size such as 8GB nor `off`; the limit is {}.\n",
                        shown(DEFAULT)
                    );
                    (DEFAULT, Some(complaint))
                }
            },
        };
        Self { limit, complaint, told: false }
    }

    pub fn policy(&self) -> SnapshotPolicy {
        SnapshotPolicy { limit_mb: u32::try_from(self.limit.as_u64() >> 20).unwrap_or(u32::MAX) }
    }

    pub fn take_complaint(&mut self) -> Option<String> {
        self.complaint.take()
    }

    /// The resident bytes above which this cell gets no snapshot.
    pub fn limit_for(&self, options: CellOptions) -> u64 {
        if options.snapshot { self.limit.as_u64() } else { 0 }
    }

    /// What the user has to know about the cell that is about to run.
    pub fn notice(&mut self, snapshot: &Snapshot) -> Option<String> {
        let reason = match snapshot {
            Snapshot::Off | Snapshot::Taken { .. } => return None,
            Snapshot::TooLarge { resident, limit } => format!(
                "the Rust variables take {}, and above {} no copy is kept of them ({VARIABLE} sets how much may be copied, \
                 as far as memory is free)",
                shown(ByteSize(*resident)),
                shown(ByteSize(*limit))
            ),
            Snapshot::Failed { reason } => format!("the Rust variables cannot be copied: {reason}"),
        };
        let first = !std::mem::replace(&mut self.told, true);
        first.then(|| format!("From here on a crash or an interrupt loses the Rust variables: {reason}.\n"))
    }
}

fn shown(size: ByteSize) -> String {
    size.display().iec_short().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        let limit = |setting| Snapshots::new(Some(setting)).limit_for(CellOptions::default());
        assert_eq!(Snapshots::new(None).limit_for(CellOptions::default()), 4 << 30);
        assert_eq!(limit("512 MiB"), 512 << 20);
        assert_eq!(limit("8GB"), 8_000_000_000);
        assert_eq!(limit("OFF"), 0);
        assert_eq!(Snapshots::new(Some("8GB")).limit_for(CellOptions { snapshot: false, ..CellOptions::default() }), 0);
        let mut wrong = Snapshots::new(Some("lots"));
        assert_eq!(wrong.policy(), SnapshotPolicy { limit_mb: 4096 });
        let complaint = wrong.take_complaint().unwrap();
        assert!(complaint.contains("\"lots\"") && complaint.contains("8GB"), "{complaint}");
        assert_eq!(wrong.take_complaint(), None);
    }

    #[test]
    fn a_notice_comes_once() {
        let mut snapshots = Snapshots::new(None);
        assert_eq!(snapshots.notice(&Snapshot::Taken { ms: 0.1 }), None);
        let large = Snapshot::TooLarge { resident: 5 << 30, limit: 4 << 30 };
        let notice = snapshots.notice(&large).unwrap();
        assert!(notice.contains("take 5.0G, and above 4.0G"), "{notice}");
        assert_eq!(snapshots.notice(&large), None);
    }
}

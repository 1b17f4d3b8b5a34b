//! What the host asks for.

use ferrobook_protocol::build::BuildOrder;

/// `None` when this program was not started for the host.
pub fn read() -> Option<BuildOrder> {
    serde_json::from_slice(&std::fs::read(BuildOrder::path()?).ok()?).ok()
}

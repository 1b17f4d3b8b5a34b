//! Names that the host's prelude and the rewritten code agree on.

/// The trait that shows values; the host's prelude defines it, or one that only has its name.
pub const SHOW_TRAIT: &str = "FerrobookShow";

/// The type of a thread-local key that all cells share; the host's prelude defines it.
pub const SHARED_THREAD_LOCAL: &str = "FerrobookLocal";
/// The macro that makes such keys of what `thread_local!` takes; the host's prelude defines it.
pub const SHARED_THREAD_LOCALS_MACRO: &str = "ferrobook_thread_local";

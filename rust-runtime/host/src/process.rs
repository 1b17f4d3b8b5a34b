//! The cell process, from the host's side: what cells print, how it ends, and where its code comes from.

pub mod backtrace;
pub mod cell_link;
pub mod exit_report;
pub mod locations;
pub mod output;
pub mod panics;
pub mod shell;
pub mod snapshots;
pub mod utf8_stream;

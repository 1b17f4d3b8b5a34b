//! All that is known of evcxr: how it is asked, what it is given besides the cell, and what its code prints.

pub mod bundles;
pub mod engine;
pub mod input;
pub mod markers;
pub mod prelude;
pub mod std_sources;

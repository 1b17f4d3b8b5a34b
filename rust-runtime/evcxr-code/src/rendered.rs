//! What comes of evcxr's code, and the way back.

use crate::origin::Origin;
use std::collections::BTreeSet;

/// What is compiled instead of the code that evcxr has written.
#[derive(Debug, Default)]
pub struct Rendered {
    pub text: String,
    pub origin: Origin,
    /// The variables that the cell does not mention, and that are not there for it.
    pub left_out: BTreeSet<String>,
}

//! What the passes ask of the rendering.

use std::borrow::Cow;
use std::ops::Range;

/// Text that is put in front of the byte `at` of evcxr's code.
#[derive(Debug)]
pub struct Insertion {
    pub at: usize,
    pub text: String,
}

/// Whole lines of evcxr's code, and what stands there instead.
pub type Change = (Range<usize>, Replacement);

#[derive(Debug, PartialEq, Eq)]
pub enum Replacement {
    Nothing,
    /// Other lines of the source.
    Lines(Vec<Range<usize>>),
    Text(Cow<'static, str>),
}

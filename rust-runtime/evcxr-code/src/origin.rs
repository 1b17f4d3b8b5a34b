//! The way back from the code that is compiled to the code that evcxr has written.

/// For each line of the compiled code, what it was before. With no lines, the code is as it was.
#[derive(Debug, Default)]
pub struct Origin {
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug)]
pub struct Line {
    /// From 1.
    pub number: u64,
    /// Columns (from 1, in characters) at which text was inserted, and how much.
    pub inserted: Vec<(u64, u64)>,
}

impl Origin {
    /// The line and the column in evcxr's code. What was inserted is where it was inserted.
    pub fn of(&self, line: u64, column: u64) -> (u64, u64) {
        let index = usize::try_from(line).unwrap_or(usize::MAX).wrapping_sub(1);
        let Some(origin) = self.lines.get(index) else { return (line, column) };
        let before = origin.inserted.iter().filter(|(at, _)| *at < column);
        let shift: u64 = before.map(|(at, length)| (*length).min(column - at)).sum();
        (origin.number, column - shift)
    }
}

//! What is inserted into the user's code stands between marks, by which it is known again.

use std::collections::BTreeMap;

/// Begins what is inserted into evcxr's code, on the line of what it stands before.
pub const INSERTED: &str = "/*ferrobook{*/";
/// Ends it. Both are comments that may stand inside of comments.
pub const INSERTED_END: &str = "/*}ferrobook*/";

/// For each line (from 1) the columns (from 1) at which something was inserted, and how many characters.
#[derive(Clone, Debug, Default)]
pub struct Inserted(BTreeMap<usize, Vec<(usize, usize)>>);

impl Inserted {
    /// Takes it out of the code.
    pub fn remove(code: &str) -> (String, Self) {
        let mut plain = String::with_capacity(code.len());
        let mut all = Self::default();
        let mut line = 1;
        let mut column = 1;
        let mut rest = code;
        while let Some((before, (inserted, after))) =
            rest.split_once(INSERTED).and_then(|(before, rest)| Some((before, rest.split_once(INSERTED_END)?)))
        {
            line += before.matches('\n').count();
            column = match before.rsplit_once('\n') {
                Some((_, last)) => 1 + last.chars().count(),
                None => column + before.chars().count(),
            };
            let length = INSERTED.len() + inserted.chars().count() + INSERTED_END.len();
            all.0.entry(line).or_default().push((column, length));
            column += length;
            plain.push_str(before);
            rest = after;
        }
        plain.push_str(rest);
        (plain, all)
    }

    /// The column that a character would be in without it.
    pub fn column_without(&self, line: usize, column: usize) -> usize {
        let before = self.0.get(&line).into_iter().flatten().filter(|(at, _)| *at < column);
        column - before.map(|(at, length)| (*length).min(column - at)).sum::<usize>()
    }
}

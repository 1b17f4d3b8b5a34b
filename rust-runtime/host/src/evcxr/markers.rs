//! Takes evcxr's markers out of what a cell writes to its stdout.
//!
//! Generated code prints them between the cell's own text, also in the middle of a line that the cell has not ended.

use ferrobook_protocol::cell::NOT_MADE;
use memchr::memmem;

/// A piece of a cell's stdout.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a [u8]),
    /// Everything between `EVCXR_BEGIN_CONTENT` and `EVCXR_END_CONTENT`.
    Block {
        mime: String,
        content: Vec<u8>,
    },
    /// A line that evcxr has to see (a panic, a failing `?`, a variable that changed its type).
    ForEvcxr(Marker, String),
    /// `evcxr_input` is about to read a line from stdin.
    Prompt {
        prompt: String,
        password: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    Panic,
    UserError,
    /// The name of the variable.
    VariableChangedType(String),
    /// Likewise; there never was one.
    VariableNotMade(String),
}

const PREFIX: &[u8] = b"EVCXR_";
const BEGIN: &[u8] = b"EVCXR_BEGIN_CONTENT ";
const END: &[u8] = b"EVCXR_END_CONTENT";
const PANIC: &[u8] = b"EVCXR_PANIC_NOTIFICATION";
const USER_ERROR: &[u8] = b"EVCXR_ERROR_OCCURRED";
const CHANGED_TYPE: &[u8] = b"EVCXR_VARIABLE_CHANGED_TYPE:";
const PASSWORD: &[u8] = b"EVCXR_INPUT_REQUEST_PASSWORD:";
const INPUT: &[u8] = b"EVCXR_INPUT_REQUEST:";
/// In the order of trying: `PASSWORD` and `INPUT` share their beginning.
const MARKERS: [&[u8]; 6] = [BEGIN, PANIC, USER_ERROR, CHANGED_TYPE, PASSWORD, INPUT];
/// A marker's line is never longer, prompts included; a longer line is the cell's own text.
const LONGEST_LINE: usize = 8192;

#[derive(Default)]
pub struct Markers {
    /// Text that may be the beginning of a marker, or the content of a block that has not ended.
    held: Vec<u8>,
    block: Option<Block>,
}

struct Block {
    mime: String,
    /// How much of `held` is known to have no end of the block in it.
    searched: usize,
}

enum Found {
    No,
    /// Not enough bytes to tell.
    Maybe,
    Line {
        marker: usize,
        rest: String,
        size: usize,
    },
}

impl Markers {
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty() && self.block.is_none()
    }

    pub fn feed(&mut self, bytes: &[u8], mut emit: impl FnMut(Piece)) {
        if self.held.is_empty() && self.block.is_none() && memmem::find(bytes, PREFIX).is_none() {
            let clean = bytes.len() - tail_of_prefix(bytes);
            if clean > 0 {
                emit(Piece::Text(&bytes[..clean]));
            }
            self.held.extend_from_slice(&bytes[clean..]);
            return;
        }
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut rest = &held[..];
        loop {
            let consumed = match &mut self.block {
                Some(block) => match end_of_block(rest, block) {
                    Some((content, consumed)) => {
                        let mime = std::mem::take(&mut block.mime);
                        emit(Piece::Block { mime, content: rest[..content].to_vec() });
                        self.block = None;
                        consumed
                    }
                    None => break,
                },
                None => match self.text(rest, &mut emit) {
                    Some(consumed) => consumed,
                    None => return,
                },
            };
            rest = &rest[consumed..];
        }
        self.held = rest.to_vec();
    }

    /// Emits text up to the next marker, and that marker. `None` when all of `bytes` is used up or held.
    fn text(&mut self, bytes: &[u8], emit: &mut impl FnMut(Piece)) -> Option<usize> {
        let mut from = 0;
        while let Some(start) = memmem::find(&bytes[from..], PREFIX).map(|start| from + start) {
            match find_marker(&bytes[start..]) {
                Found::No => from = start + PREFIX.len(),
                Found::Maybe => {
                    emit_text(&bytes[..start], emit);
                    self.held = bytes[start..].to_vec();
                    return None;
                }
                Found::Line { marker, rest, size } => {
                    emit_text(&bytes[..start], emit);
                    self.line(MARKERS[marker], rest, emit);
                    return Some(start + size);
                }
            }
        }
        let clean = bytes.len() - tail_of_prefix(bytes);
        emit_text(&bytes[..clean], emit);
        self.held = bytes[clean..].to_vec();
        None
    }

    fn line(&mut self, marker: &[u8], rest: String, emit: &mut impl FnMut(Piece)) {
        let line = || format!("{}{rest}", String::from_utf8_lossy(marker));
        match marker {
            BEGIN => {
                let mime = rest.split(' ').next().unwrap_or_default().to_owned();
                self.block = Some(Block { mime, searched: 0 });
            }
            PANIC => emit(Piece::ForEvcxr(Marker::Panic, line())),
            USER_ERROR => emit(Piece::ForEvcxr(Marker::UserError, line())),
            CHANGED_TYPE => {
                let (name, reason) = rest.split_once(' ').unwrap_or((&rest, ""));
                let marker = match reason {
                    NOT_MADE => Marker::VariableNotMade(name.to_owned()),
                    _ => Marker::VariableChangedType(name.to_owned()),
                };
                emit(Piece::ForEvcxr(marker, format!("{}{name}", String::from_utf8_lossy(CHANGED_TYPE))));
            }
            PASSWORD => emit(Piece::Prompt { prompt: rest, password: true }),
            _ => emit(Piece::Prompt { prompt: rest, password: false }),
        }
    }

    /// Lets go of what is held back: nothing more will come, or not soon. A block that never ended becomes text.
    pub fn end(&mut self, mut emit: impl FnMut(Piece)) {
        if let Some(block) = self.block.take() {
            emit(Piece::Text(format!("EVCXR_BEGIN_CONTENT {}\n", block.mime).as_bytes()));
        }
        let held = std::mem::take(&mut self.held);
        emit_text(&held, &mut emit);
    }
}

fn emit_text(bytes: &[u8], emit: &mut impl FnMut(Piece)) {
    if !bytes.is_empty() {
        emit(Piece::Text(bytes));
    }
}

fn find_marker(bytes: &[u8]) -> Found {
    for (index, marker) in MARKERS.iter().enumerate() {
        if let Some(rest) = bytes.strip_prefix(*marker) {
            let takes_rest = matches!(*marker, BEGIN | CHANGED_TYPE | PASSWORD | INPUT);
            return match memchr::memchr(b'\n', rest) {
                Some(end) if takes_rest || end == 0 => Found::Line {
                    marker: index,
                    rest: String::from_utf8_lossy(&rest[..end]).into_owned(),
                    size: marker.len() + end + 1,
                },
                None if takes_rest && rest.len() < LONGEST_LINE || rest.is_empty() => Found::Maybe,
                _ => Found::No,
            };
        }
        if marker.starts_with(bytes) {
            return Found::Maybe;
        }
    }
    Found::No
}

/// How long a beginning of `EVCXR_` the bytes end with.
fn tail_of_prefix(bytes: &[u8]) -> usize {
    (1..PREFIX.len()).rev().find(|size| bytes.ends_with(&PREFIX[..*size])).unwrap_or(0)
}

/// Where the content ends, and where the text after the block begins. A panic ends a block, too.
fn end_of_block(bytes: &[u8], block: &mut Block) -> Option<(usize, usize)> {
    let mut from = block.searched;
    while let Some(start) = memmem::find(&bytes[from..], PREFIX).map(|start| from + start) {
        let rest = &bytes[start..];
        let at_line = start == 0 || bytes[start - 1] == b'\n';
        let content = start.saturating_sub(1);
        if at_line && rest.starts_with(END) {
            let after = match rest.get(END.len()) {
                Some(b'\n') => Some(END.len() + 1),
                Some(_) => Some(END.len()),
                None => None,
            };
            block.searched = start;
            return after.map(|size| (content, start + size));
        }
        if rest.starts_with(PANIC) {
            return Some((if at_line { content } else { start }, start));
        }
        if END.starts_with(rest) || PANIC.starts_with(rest) {
            block.searched = start;
            return None;
        }
        from = start + PREFIX.len();
    }
    block.searched = bytes.len() - tail_of_prefix(bytes);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(chunks: &[&str]) -> Vec<String> {
        let mut markers = Markers::default();
        let mut seen: Vec<String> = Vec::new();
        let mut emit = |piece: Piece| match piece {
            Piece::Text(text) => {
                let text = String::from_utf8_lossy(text).into_owned();
                match seen.last_mut() {
                    Some(last) if last.starts_with("text ") => last.push_str(&text),
                    _ => seen.push(format!("text {text}")),
                }
            }
            Piece::Block { mime, content } => seen.push(format!("{mime} {}", String::from_utf8_lossy(&content))),
            Piece::ForEvcxr(_, line) => seen.push(format!("evcxr {line}")),
            Piece::Prompt { prompt, password } => seen.push(format!("prompt {prompt} {password}")),
        };
        for chunk in chunks {
            markers.feed(chunk.as_bytes(), &mut emit);
        }
        markers.end(&mut emit);
        seen
    }

    /// However the pipe cuts the bytes, the pieces are the same.
    fn assert_pieces(text: &str, expected: &[&str]) {
        assert_eq!(pieces(&[text]), expected);
        let single: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(pieces(&single.iter().map(String::as_str).collect::<Vec<_>>()), expected);
        for (cut, _) in text.char_indices() {
            assert_eq!(pieces(&[&text[..cut], &text[cut..]]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn blocks_stand_between_the_text_around_them() {
        assert_pieces(
            "abcEVCXR_BEGIN_CONTENT text/html\n<b>\nx</b>\nEVCXR_END_CONTENT\ndef",
            &["text abc", "text/html <b>\nx</b>", "text def"],
        );
    }

    #[test]
    fn an_empty_block_and_a_block_with_marker_like_text() {
        assert_pieces("EVCXR_BEGIN_CONTENT a/b\n\nEVCXR_END_CONTENT\n", &["a/b "]);
        assert_pieces(
            "EVCXR_BEGIN_CONTENT a/b\nEVCXR_ EVCXR_END_CONTENT x\nEVCXR_END_CONTENT\n",
            &["a/b EVCXR_ EVCXR_END_CONTENT x"],
        );
    }

    #[test]
    fn a_panic_in_the_middle_of_a_line() {
        assert_pieces("partialEVCXR_PANIC_NOTIFICATION\n", &["text partial", "evcxr EVCXR_PANIC_NOTIFICATION"]);
        assert_pieces("EVCXR_VARIABLE_CHANGED_TYPE:x\ny", &["evcxr EVCXR_VARIABLE_CHANGED_TYPE:x", "text y"]);
        assert_pieces("EVCXR_VARIABLE_CHANGED_TYPE:x was-not-made\n", &["evcxr EVCXR_VARIABLE_CHANGED_TYPE:x"]);
    }

    #[test]
    fn a_panic_ends_a_block() {
        assert_pieces(
            "EVCXR_BEGIN_CONTENT a/b\nhalf\nEVCXR_PANIC_NOTIFICATION\n",
            &["a/b half", "evcxr EVCXR_PANIC_NOTIFICATION"],
        );
    }

    #[test]
    fn a_block_that_never_ends_is_text() {
        assert_pieces("EVCXR_BEGIN_CONTENT a/b\nhalf", &["text EVCXR_BEGIN_CONTENT a/b\nhalf"]);
    }

    #[test]
    fn text_that_looks_like_a_marker_stays() {
        assert_pieces("EVCXR_x EVCXR_PANIC_NOTIFICATIONS EV", &["text EVCXR_x EVCXR_PANIC_NOTIFICATIONS EV"]);
    }

    #[test]
    fn prompts() {
        assert_pieces("EVCXR_INPUT_REQUEST:Name: ?\n", &["prompt Name: ? false"]);
        assert_pieces("EVCXR_INPUT_REQUEST_PASSWORD:PIN\n", &["prompt PIN true"]);
    }
}

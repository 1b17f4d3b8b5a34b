//! Bytes to text, in pieces: a code point that a piece cuts in two waits for the next piece; what is not UTF-8 becomes
//! U+FFFD, as the protocol wants it.

#[derive(Default)]
pub struct Utf8Stream {
    held: Vec<u8>,
}

impl Utf8Stream {
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        if self.held.is_empty()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return text.to_owned();
        }
        self.held.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.held);
        let mut text = String::with_capacity(bytes.len());
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            if chunks.peek().is_none() && is_unfinished(invalid) {
                self.held = invalid.to_vec();
            } else if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }

    /// What is held back will not be completed any more.
    pub fn end(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.held)).into_owned()
    }
}

/// Whether more bytes could make a code point of these.
fn is_unfinished(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_point_is_never_split() {
        let mut stream = Utf8Stream::default();
        let crab = "🦀".as_bytes();
        assert_eq!(stream.decode(&crab[..1]), "");
        assert_eq!(stream.decode(&crab[1..3]), "");
        assert_eq!(stream.decode(&[crab[3], b'!']), "🦀!");
    }

    #[test]
    fn invalid_bytes_become_replacement_characters() {
        let mut stream = Utf8Stream::default();
        assert_eq!(stream.decode(b"a\xff\xfeb"), "a\u{fffd}\u{fffd}b");
        assert_eq!(stream.decode(b"\xe2\x82"), "");
        assert_eq!(stream.decode(b"x"), "\u{fffd}x");
        assert_eq!(stream.decode(b"\xf0\x9f"), "");
        assert_eq!(stream.end(), "\u{fffd}");
        assert_eq!(stream.end(), "");
    }
}

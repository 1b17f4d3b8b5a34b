//! Which content blocks of a cell form one MIME bundle.
//!
//! evcxr's convention prints each representation of a value as a block of its own. A `text/plain` block next to one of
//! another type is taken for the same value; everything else is a display by itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a block waits for its other half.
pub const PATIENCE: Duration = Duration::from_millis(20);

pub type Bundle = BTreeMap<String, String>;

#[derive(Default)]
pub struct Bundles {
    pending: Option<(Bundle, Instant)>,
}

impl Bundles {
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Takes a block in. Returns the bundle that it does not belong to.
    pub fn push(&mut self, mime: String, content: String) -> Option<Bundle> {
        if let Some((bundle, _)) = &mut self.pending
            && bundle.len() == 1
            && bundle.contains_key("text/plain") != (mime == "text/plain")
        {
            bundle.insert(mime, content);
            return None;
        }
        let finished = self.take();
        self.pending = Some((Bundle::from([(mime, content)]), Instant::now()));
        finished
    }

    /// The bundle that has waited long enough.
    pub fn take_stale(&mut self) -> Option<Bundle> {
        let (_, since) = self.pending.as_ref()?;
        if since.elapsed() < PATIENCE { None } else { self.take() }
    }

    pub fn take(&mut self) -> Option<Bundle> {
        self.pending.take().map(|(bundle, _)| bundle)
    }
}

/// The content of the block that `ferrobook::display` writes for more than two representations: for each one a line
/// with its type and its size in bytes, then the bytes and a newline.
pub fn parse(mut content: &[u8]) -> Option<Bundle> {
    let mut bundle = Bundle::new();
    while !content.is_empty() {
        let end = memchr::memchr(b'\n', content)?;
        let (mime, size) = std::str::from_utf8(&content[..end]).ok()?.split_once(' ')?;
        let size: usize = size.parse().ok()?;
        let rest = &content[end + 1..];
        let text = String::from_utf8_lossy(rest.get(..size)?).into_owned();
        bundle.insert(mime.to_owned(), text);
        content = rest.get(size + 1..).unwrap_or_default();
    }
    Some(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(bundles: &mut Bundles, mime: &str) -> Option<Vec<String>> {
        bundles.push(mime.to_owned(), String::new()).map(|bundle| bundle.into_keys().collect())
    }

    #[test]
    fn plain_text_and_its_picture_are_one_bundle() {
        let mut bundles = Bundles::default();
        assert_eq!(push(&mut bundles, "text/html"), None);
        assert_eq!(push(&mut bundles, "text/plain"), None);
        assert_eq!(push(&mut bundles, "text/plain"), Some(vec!["text/html".into(), "text/plain".into()]));
        assert_eq!(push(&mut bundles, "text/plain"), Some(vec!["text/plain".into()]));
    }

    #[test]
    fn two_pictures_are_two_displays() {
        let mut bundles = Bundles::default();
        assert_eq!(push(&mut bundles, "text/html"), None);
        assert_eq!(push(&mut bundles, "image/png"), Some(vec!["text/html".into()]));
    }

    #[test]
    fn a_block_of_several_representations() {
        let bundle = parse(b"text/html 4\n<b/>\ntext/plain 1\nb\na/b 0\n\n").unwrap();
        assert_eq!(bundle.len(), 3);
        assert_eq!(bundle["text/html"], "<b/>");
        assert_eq!(parse(b"text/html 40\n<b/>"), None);
    }
}

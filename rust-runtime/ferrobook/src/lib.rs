//! Rich output from Rust cells. In a notebook, `:dep ferrobook` makes this crate available.
//!
//! ```
//! ferrobook::html("<b>bold</b>");
//! ferrobook::display(&[("text/html", "<b>2</b>"), ("text/plain", "2")]);
//! ```
//!
//! Everything is written to stdout as the content blocks that evcxr knows, so the order with other output is kept.

use std::fmt::Write as _;
use std::io::Write;

/// Shows one value in several representations; the frontend takes the richest that it can show.
///
/// ```
/// ferrobook::display(&[("text/latex", "$x^2$"), ("text/plain", "x²")]);
/// ```
///
/// Content is text; binary types such as `image/png` take base64, as Jupyter does (see [`png`]).
pub fn display(representations: &[(&str, &str)]) {
    // One write under stdout's own lock: other threads cannot come between the blocks. An error means that nobody
    // reads any more, and there is no one to tell.
    let _ = std::io::stdout().lock().write_all(encode(representations).as_bytes());
}

/// Shows HTML.
///
/// ```
/// ferrobook::html("<table><tr><td>1</td></tr></table>");
/// ```
pub fn html(html: impl AsRef<str>) {
    display(&[("text/html", html.as_ref())]);
}

/// Shows an SVG picture.
///
/// ```
/// ferrobook::svg(r#"<svg width="10" height="10"><circle r="5" cx="5" cy="5"/></svg>"#);
/// ```
pub fn svg(svg: impl AsRef<str>) {
    display(&[("image/svg+xml", svg.as_ref())]);
}

/// Shows Markdown.
///
/// ```
/// ferrobook::markdown("**bold** and $x^2$");
/// ```
pub fn markdown(markdown: impl AsRef<str>) {
    display(&[("text/markdown", markdown.as_ref())]);
}

/// Shows a picture from the bytes of a PNG file.
///
/// ```
/// let bytes: &[u8] = b"\x89PNG\r\n\x1a\n";
/// ferrobook::png(bytes);
/// ```
pub fn png(png: impl AsRef<[u8]>) {
    display(&[("image/png", &base64(png.as_ref()))]);
}

/// One representation, or text and one other, are evcxr's own blocks. More are a block of Ferrobook's: evcxr has no way
/// to say that blocks belong together.
fn encode(representations: &[(&str, &str)]) -> String {
    let texts = representations.iter().filter(|(mime, _)| *mime == "text/plain").count();
    let mut out = String::new();
    if representations.len() < 2 || representations.len() == 2 && texts == 1 {
        for (mime, content) in representations {
            block(&mut out, mime, content);
        }
        return out;
    }
    let mut parts = String::new();
    for (mime, content) in representations {
        let _ = write!(parts, "{mime} {}\n{content}\n", content.len());
    }
    block(&mut out, "ferrobook/bundle", &parts);
    out
}

fn block(out: &mut String, mime: &str, content: &str) {
    let _ = write!(out, "EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT\n");
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = 0u32;
        for index in 0..3 {
            bits = bits << 8 | u32::from(group.get(index).copied().unwrap_or(0));
        }
        for index in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            out.push(if index <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0x00]), "//4A");
    }

    #[test]
    fn a_pair_with_text_is_two_blocks() {
        assert_eq!(
            encode(&[("text/html", "<b>"), ("text/plain", "b")]),
            "EVCXR_BEGIN_CONTENT text/html\n<b>\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT text/plain\nb\nEVCXR_END_CONTENT\n"
        );
    }

    #[test]
    fn more_are_one_block() {
        assert_eq!(
            encode(&[("text/html", "<b>"), ("text/markdown", "ö")]),
            "EVCXR_BEGIN_CONTENT ferrobook/bundle\ntext/html 3\n<b>\ntext/markdown 2\nö\n\nEVCXR_END_CONTENT\n"
        );
    }
}

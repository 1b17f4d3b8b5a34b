//! What is read from the cell process: its messages, each after what was printed before it, and what cells print, with evcxr's
//! markers taken out.

use super::State;
use crate::evcxr::bundles::{self, Bundle};
use crate::evcxr::markers::{Marker, Piece};
use crate::process::cell_link::unread;
use crate::program::Cause;
use ferrobook_protocol::StreamName;
use std::io::Read;

const CHUNK: usize = 64 * 1024;
/// How many chunks are read before others get the lock.
const BURST: usize = 16;

impl State {
    pub fn pump(&mut self) {
        let mut chunk = vec![0; CHUNK];
        for _ in 0..BURST {
            let mut read = self.read_stdout(&mut chunk, CHUNK) + self.read_stderr(&mut chunk, CHUNK);
            if let Some(message) = self.link.receive() {
                self.drain();
                self.message(message);
                read += 1;
            }
            if read == 0 {
                return;
            }
        }
    }

    /// Reads what the pipes hold at this moment.
    fn drain(&mut self) {
        let mut chunk = vec![0; CHUNK];
        let mut left = (unread(&self.link.stdout), unread(&self.link.stderr));
        while left.0 > 0 {
            match self.read_stdout(&mut chunk, left.0.min(CHUNK)) {
                0 => break,
                size => left.0 -= size,
            }
        }
        while left.1 > 0 {
            match self.read_stderr(&mut chunk, left.1.min(CHUNK)) {
                0 => break,
                size => left.1 -= size,
            }
        }
    }

    fn read_stdout(&mut self, chunk: &mut [u8], most: usize) -> usize {
        match (&self.link.stdout).read(&mut chunk[..most]) {
            Ok(size) if size > 0 => {
                self.stdout_bytes(&chunk[..size]);
                size
            }
            _ => 0,
        }
    }

    fn read_stderr(&mut self, chunk: &mut [u8], most: usize) -> usize {
        match (&self.link.stderr).read(&mut chunk[..most]) {
            Ok(size) if size > 0 => {
                self.flush_bundle(false);
                self.print_pending_panic();
                let text = self.stderr.decode(&chunk[..size]);
                self.stream(StreamName::Stderr, text);
                size
            }
            _ => 0,
        }
    }

    fn stdout_bytes(&mut self, bytes: &[u8]) {
        let mut markers = std::mem::take(&mut self.markers);
        markers.feed(bytes, |piece| self.piece(piece));
        self.markers = markers;
    }

    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Text(bytes) => {
                self.flush_bundle(false);
                self.print_pending_panic();
                let text = self.stdout.decode(bytes);
                self.stream(StreamName::Stdout, text);
            }
            Piece::Block { mime, content } => self.block(mime, &content),
            Piece::ForEvcxr(marker, line) => {
                match &marker {
                    Marker::VariableChangedType(name) => self.program.lock().lose(name, Cause::TypeChanged),
                    Marker::VariableNotMade(name) => self.program.lock().lose(name, Cause::NotMade),
                    Marker::Panic | Marker::UserError => {}
                }
                let Some(run) = &mut self.current else { return };
                run.for_evcxr.push(line);
                run.is_ended_by_panic |= marker == Marker::Panic;
                if marker == Marker::UserError && run.user_error.is_none() {
                    run.user_error = Some(String::new());
                }
            }
            Piece::Prompt { prompt, password } => {
                if let Some(run) = &mut self.current {
                    run.prompt = Some((prompt, password));
                }
            }
        }
    }

    fn block(&mut self, mime: String, content: &[u8]) {
        self.print_pending_panic();
        let text = || String::from_utf8_lossy(content).into_owned();
        match mime.as_str() {
            "ferrobook/result" => {
                let text = text();
                let (type_name, value) = text.split_once('\n').unwrap_or(("", &text));
                let value = if self.show_types {
                    format!(": {} = {value}", crate::evcxr::prelude::short_type_name(type_name))
                } else {
                    value.to_owned()
                };
                self.flush_bundle(false);
                self.display(Bundle::from([("text/plain".to_owned(), value)]), true);
            }
            "ferrobook/error" => {
                if let Some(run) = &mut self.current {
                    run.user_error = Some(text());
                }
            }
            "ferrobook/bundle" => {
                self.flush_bundle(false);
                if let Some(bundle) = bundles::parse(content) {
                    self.display(bundle, false);
                }
            }
            _ => {
                if let Some(finished) = self.bundles.push(mime, text()) {
                    self.display(finished, false);
                }
            }
        }
    }

    pub fn flush_bundle(&mut self, result: bool) {
        if let Some(bundle) = self.bundles.take() {
            self.display(bundle, result);
        }
    }

    pub fn is_holding(&self) -> bool {
        self.bundles.is_pending() || self.markers.is_holding()
    }

    /// Nothing came for a moment: what looked like the beginning of something is text.
    pub fn let_go(&mut self) {
        if self.markers.is_holding() {
            let mut markers = std::mem::take(&mut self.markers);
            markers.end(|piece| self.piece(piece));
        }
        if let Some(bundle) = self.bundles.take_stale() {
            self.display(bundle, false);
        }
    }

    /// The cell will not complete what it has begun to write.
    pub fn end_streams(&mut self) {
        let mut markers = std::mem::take(&mut self.markers);
        markers.end(|piece| self.piece(piece));
        let (stdout, stderr) = (self.stdout.end(), self.stderr.end());
        self.stream(StreamName::Stdout, stdout);
        self.stream(StreamName::Stderr, stderr);
    }
}

//! Sockets between two processes that keep the borders of messages.

use crate::system;
use nix::errno::Errno;
use std::os::fd::{OwnedFd, RawFd};

/// Neither end is inherited.
pub fn pair() -> nix::Result<(OwnedFd, OwnedFd)> {
    system::message_pair()
}

/// A reader that is gone is an error, and no signal.
pub fn send(socket: RawFd, message: &[u8]) -> nix::Result<usize> {
    repeated(|| system::send_message(socket, message))
}

/// The next message, for which it waits if it is to. Empty when the other end is closed.
pub fn receive(socket: RawFd, wait: bool) -> nix::Result<Vec<u8>> {
    let size = repeated(|| system::size_of_message(socket, wait))?;
    let mut message = vec![0; size];
    let received = repeated(|| system::receive_message(socket, &mut message, wait))?;
    message.truncate(received);
    Ok(message)
}

fn repeated(mut call: impl FnMut() -> nix::Result<usize>) -> nix::Result<usize> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn messages_keep_their_borders() {
        let (one, other) = pair().unwrap();
        assert_eq!(receive(other.as_raw_fd(), false), Err(Errno::EAGAIN));
        let long = vec![7; 50_000];
        for message in [&b"a"[..], &long, b"bc"] {
            send(one.as_raw_fd(), message).unwrap();
        }
        for message in [&b"a"[..], &long, b"bc"] {
            assert_eq!(receive(other.as_raw_fd(), true).unwrap(), message);
        }
        drop(other);
        assert_eq!(send(one.as_raw_fd(), b"a"), Err(Errno::EPIPE));
    }
}

//! Questions to the host over the control socket, one at a time.

use ferrobook_protocol::cell::{Answer, Message, Reply, Request};
use ferrobook_sys::messages;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static SOCKET: AtomicI32 = AtomicI32::new(-1);
/// The number of the last request. Held while a request waits, and across a fork, so that a snapshot never begins
/// with the lock of a thread that it does not have.
static SEQUENCE: Mutex<u64> = Mutex::new(0);

pub fn open(socket: RawFd) {
    SOCKET.store(socket, Ordering::Relaxed);
}

pub fn hold() -> MutexGuard<'static, u64> {
    SEQUENCE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks the host and waits. `None` when the host is gone or does not understand.
pub fn ask(request: Request) -> Option<Answer> {
    let mut sequence = hold();
    *sequence += 1;
    let pid = nix::unistd::getpid().as_raw();
    tell(&Message::Request { pid, sequence: *sequence, request })?;
    loop {
        let reply = receive()?;
        // An answer to a process that died before it came stays in the socket; it is not ours.
        if (reply.pid, reply.sequence) == (pid, *sequence) {
            return Some(reply.answer);
        }
    }
}

pub fn tell(message: &Message) -> Option<()> {
    let datagram = serde_json::to_vec(message).ok()?;
    messages::send(SOCKET.load(Ordering::Relaxed), &datagram).ok()?;
    Some(())
}

fn receive() -> Option<Reply> {
    let message = messages::receive(SOCKET.load(Ordering::Relaxed), true).ok()?;
    serde_json::from_slice(&message).ok()
}

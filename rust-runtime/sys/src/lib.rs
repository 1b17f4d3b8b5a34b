//! What is one operating system's, behind one interface: how processes end with each other, memory, threads, pipes and
//! sockets. What a system does not have is left out there, as its file says.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as system;

pub mod libraries;
pub mod lifetime;
pub mod memory;
pub mod messages;
pub mod pipe;
pub mod processor;
pub mod signal;
pub mod stdio;
pub mod threads;
pub mod umask;

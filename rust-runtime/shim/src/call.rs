//! How a compiler is called.

use crate::arguments;
use crate::wrapping::Wrapping;
use ferrobook_cache::environment::Environment;
use ferrobook_protocol::build::Kind;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How cargo has called the compiler.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Wrappers of the user's own, and the compiler at the end.
    pub programs: Vec<PathBuf>,
    pub arguments: Vec<String>,
    pub environment: Environment,
}

/// How a compiler finds those that share cargo's processors with it; they are gone with that cargo.
const JOB_SERVERS: [&str; 3] = ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"];

impl Call {
    /// The same call with these arguments.
    pub fn command(&self, arguments: &[String]) -> Command {
        self.in_its_environment(command(&self.programs, arguments))
    }

    /// The same call of `wrapper`, which is this one and calls the user's own by itself.
    pub fn of_wrapper(&self, wrapper: &Path, wrapping: &Wrapping) -> Command {
        let own = usize::from(wrapping.next.is_some()).min(self.programs.len());
        let programs = [&[wrapper.to_owned()], &self.programs[own..]].concat();
        self.in_its_environment(command(&programs, &self.arguments))
    }

    fn in_its_environment(&self, mut command: Command) -> Command {
        command.env_clear().envs(self.environment.iter().filter(|(name, _)| !JOB_SERVERS.contains(name)));
        command
    }

    /// The library that a cell becomes.
    pub fn library(&self, kind: Kind) -> Option<PathBuf> {
        let invocation = arguments::parse(&self.arguments).filter(|invocation| invocation.makes(kind))?;
        Some(invocation.out_dir.join(format!("lib{}{}.so", invocation.crate_name, invocation.extra_filename)))
    }
}

pub fn command(programs: &[PathBuf], arguments: &[impl AsRef<std::ffi::OsStr>]) -> Command {
    let mut command = Command::new(&programs[0]);
    command.args(&programs[1..]).args(arguments);
    command
}

//! The host's private directory and environment: where cells are compiled, and which programs evcxr finds.

use crate::build::build_orders::BuildOrders;
use crate::build::cargo_config;
use crate::build::environment::{set_default, set_env};
use crate::build::store_settings;
use crate::build::toolchain::Toolchain;
use crate::build::users_environment;
use ferrobook_protocol::build::{BuildOptions, BuildOrder, Kind, Programs, StoreSettings};
use ferrobook_protocol::users_environment::CARGO_HOME;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A socket's path may be 107 bytes long at most.
const LONGEST_SOCKET_PATH: usize = 100;

pub struct Setup {
    pub private: PathBuf,
    /// The user's own `PATH`.
    pub path: OsString,
    pub cell_program: PathBuf,
    shim_program: PathBuf,
    /// Where what was compiled is kept; `None` when it is not.
    pub store: Option<StoreSettings>,
    /// What is wrong with the settings of the store.
    pub store_error: Option<String>,
    pub orders: BuildOrders,
    cargo_socket: PathBuf,
}

/// What has to be removed at the end.
pub struct Leftovers {
    cargo_socket: PathBuf,
    /// Directories of our own, when the kernel did not make one for us.
    owned: Vec<TempDir>,
}

impl Leftovers {
    pub fn remove(&mut self) {
        let _ = std::fs::remove_file(&self.cargo_socket);
        self.owned.clear();
    }
}

impl Setup {
    pub fn new() -> std::io::Result<(Self, UnixDatagram, Leftovers)> {
        let mut owned = Vec::new();
        let private = match std::env::var_os("FERROBOOK_PRIVATE_DIR") {
            Some(private) => PathBuf::from(private),
            None => {
                let directory = tempfile::Builder::new().prefix("ferrobook-").tempdir()?;
                let path = directory.path().to_owned();
                owned.push(directory);
                path
            }
        };
        std::fs::create_dir_all(private.join("bin"))?;
        let private = private.canonicalize()?;
        let mut cargo_socket = private.join("cargo.sock");
        if cargo_socket.as_os_str().len() > LONGEST_SOCKET_PATH {
            let directory = tempfile::Builder::new().prefix("fb-").tempdir_in("/tmp")?;
            cargo_socket = directory.path().join("cargo.sock");
            owned.push(directory);
        }
        let socket = UnixDatagram::bind(&cargo_socket)?;
        socket.set_nonblocking(true)?;
        let cell_program = std::env::current_exe()?.with_file_name("ferrobook-cell");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let (store, store_error) = match store_settings::from_environment() {
            Ok(store) => (store, None),
            Err(error) => (None, Some(error)),
        };
        let leftovers = Leftovers { cargo_socket: cargo_socket.clone(), owned };
        let shim_program = cell_program.with_file_name("ferrobook-shim");
        let orders = BuildOrders::new(private.join("order.json"));
        Ok((
            Self { orders, private, path, cell_program, shim_program, store, store_error, cargo_socket },
            socket,
            leftovers,
        ))
    }

    /// The library with the support functions, for cell processes that evcxr starts anew.
    pub fn support_library(&self) -> PathBuf {
        self.private.join("support.so")
    }

    fn shims(&self) -> PathBuf {
        self.private.join("bin")
    }

    /// Puts the shims where evcxr looks for its tools, and sets how cells are compiled.
    /// `target_cpu` is the processor that code is made for.
    pub fn prepare(&self, toolchain: &Toolchain, target_cpu: Option<&str>) -> std::io::Result<()> {
        let shims = self.shims();
        for name in ["cargo", "rustup"] {
            relink(&self.shim_program, &shims.join(name))?;
        }
        // rust-analyzer looks for both by name, and rustup's proxies would take longer than most of its questions.
        relink(&toolchain.rustc, &shims.join("rustc"))?;
        // rust-analyzer looks for cargo there before it looks at the path.
        users_environment::replace(CARGO_HOME, self.private.as_os_str());
        let mut path = shims.clone().into_os_string();
        path.push(":");
        path.push(&self.path);
        set_env("PATH", &path);
        self.orders.begin(BuildOrder {
            kind: Kind::Cell,
            options: BuildOptions::default(),
            dependencies: None,
            generations: BTreeMap::new(),
            replaced: BTreeSet::new(),
            hides_crates: false,
            target_cpu: target_cpu.map(str::to_owned),
            store: self.store.clone(),
            next_wrapper: cargo_config::rustc_wrapper().map(PathBuf::from),
            programs: Programs {
                cargo: toolchain.cargo.clone(),
                rustc: toolchain.rustc.clone(),
                rustup: toolchain.rustup.clone(),
                path: self.path.clone(),
                shims,
            },
            host: self.cargo_socket.clone(),
        })?;
        let (name, value) = BuildOrder::variable(self.orders.path());
        set_env(name, value);
        set_default("EVCXR_TMPDIR", self.private.join("crate").as_os_str());
        // What `cargo build --release` would do, with line numbers; without these the profile is one for debugging.
        set_default("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false".as_ref());
        set_default("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false".as_ref());
        set_default("CARGO_PROFILE_DEV_DEBUG", "line-tables-only".as_ref());
        set_default("CARGO_PROFILE_DEV_STRIP", "none".as_ref());
        if !config_names_opt_level() {
            set_default(OPT_LEVEL, "3".as_ref());
        }
        Ok(())
    }

    /// What cargo is told of a dependency that a cell names in this way.
    pub fn dependency(&self, named: &str) -> String {
        match self.ferrobook_crate().filter(|_| named == "ferrobook") {
            Some(directory) => format!("ferrobook = {{ path = {:?} }}", directory.display().to_string()),
            None => named.to_owned(),
        }
    }

    /// The crate that `:dep ferrobook` means: beside this program when installed, in the workspace otherwise.
    fn ferrobook_crate(&self) -> Option<PathBuf> {
        if let Some(directory) = std::env::var_os("FERROBOOK_CRATE_DIR") {
            return Some(PathBuf::from(directory));
        }
        let programs = self.cell_program.parent()?;
        let candidates = [programs.join("ferrobook"), programs.join("../../ferrobook")];
        candidates.into_iter().find(|candidate| candidate.join("Cargo.toml").is_file())?.canonicalize().ok()
    }
}

const OPT_LEVEL: &str = "CARGO_PROFILE_DEV_OPT_LEVEL";

/// `:opt` writes evcxr's Cargo.toml, over which this variable wins.
pub fn set_opt_level(level: &str) {
    set_env(OPT_LEVEL, level.as_ref());
}

fn relink(target: &Path, link: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(link) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => symlink(target, link),
    }
}

/// The user's evcxr.toml, where evcxr looks for it.
pub fn user_config() -> Option<PathBuf> {
    let here = std::env::current_dir().ok().map(|directory| directory.join("evcxr.toml"));
    let home = evcxr::config_dir().map(|directory| directory.join("evcxr.toml"));
    [here, home].into_iter().flatten().find(|path| path.exists())
}

/// Whether the user's evcxr.toml asks for an optimisation level.
fn config_names_opt_level() -> bool {
    let Some(path) = user_config() else { return false };
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    table.get("evcxr").is_some_and(|evcxr| evcxr.get("opt_level").is_some())
}

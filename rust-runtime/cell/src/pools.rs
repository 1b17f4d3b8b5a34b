//! Thread pools that crates keep in statics. A fork copies only the thread that calls it, so in a process that stands in for a
//! dead one such a pool believes in threads that are gone, and whoever gives it work waits for ever. It is put back to what it
//! was before its first use, and makes its threads anew.
//!
//! What the old pool holds is leaked: nobody is left who could give it back.

use ferrobook_sys::libraries::{self, LoadedLibrary};
use object::read::ReadCache;
use object::read::elf::ElfFile64;
use object::{Object, ObjectSymbol};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

/// Statics that hold a pool, and what says that it was made.
const POOLS: [&str; 12] = [
    "async_executor::global::EXECUTOR",
    "async_global_executor::executor::GLOBAL_EXECUTOR",
    "async_global_executor::threading::GLOBAL_EXECUTOR_THREADS",
    "async_io::driver::unparker::UNPARKER",
    "async_std::rt::RUNTIME",
    "blocking::EXECUTOR",
    "polars_core::POOL",
    "polars_core::THREAD_POOL",
    "polars_io::pl_async::RUNTIME",
    "rayon_core::registry::THE_REGISTRY",
    "rayon_core::registry::THE_REGISTRY_SET",
    "threadpool::builder::POOL",
];

#[derive(Default)]
pub struct Pools {
    seen: BTreeSet<PathBuf>,
    pools: Vec<Pool>,
}

struct Pool {
    address: *mut u8,
    unused: Vec<u8>,
}

impl Pools {
    /// Looks for pools in the libraries with crates that were loaded just now. No code has used them yet.
    pub fn find(&mut self) {
        for library in libraries::loaded() {
            let name = library.path.file_name().unwrap_or_default().as_encoded_bytes();
            if name.starts_with(CRATES.as_bytes()) && self.seen.insert(library.path.clone()) {
                // Without it, what waits for a pool ends with an error.
                self.pools.extend(pools(&library).unwrap_or_default());
            }
        }
    }

    /// Called in a process that has lost its threads.
    pub fn renew(&self) {
        for Pool { address, unused } in &self.pools {
            // SAFETY: the static is that long and belongs to a library that is never unloaded; this process has no thread that
            // could be using it.
            unsafe { std::ptr::copy_nonoverlapping(unused.as_ptr(), *address, unused.len()) };
        }
    }
}

/// How the names of libraries with crates begin.
const CRATES: &str = "libferrobook_crates_";

fn pools(library: &LoadedLibrary) -> Option<Vec<Pool>> {
    // Only what is needed is read.
    let content = ReadCache::new(File::open(&library.path).ok()?);
    let file = ElfFile64::<object::Endianness, _>::parse(&content).ok()?;
    let is_pool = |name: &str| {
        let last = |path: &str| path.rsplit("::").next().is_some_and(|last| name.contains(last));
        POOLS.iter().any(|path| last(path)) && {
            let name = format!("{:#}", rustc_demangle::demangle(name));
            POOLS.contains(&name.as_str())
        }
    };
    let symbols = file.symbols().filter(|symbol| symbol.size() > 0 && symbol.name().is_ok_and(is_pool));
    let places = symbols.map(|symbol| (symbol.address(), symbol.size()));
    let pool = |(address, size)| {
        let address = library.base.wrapping_add(usize::try_from(address).ok()?) as *mut u8;
        let size = usize::try_from(size).ok()?;
        // SAFETY: the library is loaded there, and the static that long.
        let unused = unsafe { std::slice::from_raw_parts(address, size) }.to_vec();
        Some(Pool { address, unused })
    };
    places.map(pool).collect()
}

//! What is kept of compiled cells and crates.

use crate::questions::AtOnce;
use ferrobook_cache::store::Store;
use ferrobook_protocol::build::StoreSettings;
use ferrobook_protocol::{Answer, CacheUsage};

pub struct Cache {
    pub clear: bool,
}

impl AtOnce for Cache {
    fn answer(&self, store: Option<&StoreSettings>) -> Answer {
        Answer::Cache { usage: usage(store, self.clear) }
    }
}

/// With `clear`, everything is removed; the answer tells what there was.
pub fn usage(settings: Option<&StoreSettings>, clear: bool) -> CacheUsage {
    let Some(settings) = settings else { return CacheUsage::default() };
    let store = Store::new(&settings.directory, settings.limit);
    let (found, problem) = match if clear { store.clear() } else { store.usage() } {
        Ok(found) => (found, None),
        Err(error) => (Default::default(), Some(error.to_string())),
    };
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    CacheUsage {
        directory: Some(settings.directory.display().to_string()),
        problem,
        entries: count(found.entries),
        bytes: found.bytes as f64,
        limit: settings.limit as f64,
        hits: count(found.hits),
        misses: count(found.misses),
    }
}

//! The order for the next build, kept in a file that the cargo shim reads.

use ferrobook_protocol::build::BuildOrder;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by all that have something to say about it.
#[derive(Clone)]
pub struct BuildOrders {
    path: PathBuf,
    /// `None` until it is known what there is to build with.
    order: Arc<Mutex<Option<BuildOrder>>>,
}

impl BuildOrders {
    pub fn new(path: PathBuf) -> Self {
        Self { path, order: Arc::default() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn begin(&self, order: BuildOrder) -> std::io::Result<()> {
        self.write(&order)?;
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
        Ok(())
    }

    /// For the builds from now on.
    pub fn change(&self, change: impl FnOnce(&mut BuildOrder)) {
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(order) = order.as_mut() else { return };
        let before = order.clone();
        change(order);
        if *order != before
            && let Err(error) = self.write(order)
        {
            tracing::error!("cannot tell the cargo shim how the next cell is built: {error}");
        }
    }

    /// A shim that reads it at this moment finds the one or the other.
    fn write(&self, order: &BuildOrder) -> std::io::Result<()> {
        let new = self.path.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(order)?)?;
        std::fs::rename(new, &self.path)
    }
}

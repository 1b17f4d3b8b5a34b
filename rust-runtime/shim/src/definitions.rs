//! What the code of a cell alone does not tell about what it defines.

use ferrobook_evcxr_code::Definitions;
use ferrobook_protocol::build::BuildOrder;

/// Of the crate in the current directory, and from the host.
pub fn of_this_crate(order: &BuildOrder) -> Definitions {
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap_or_default();
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap_or_default();
    let dependencies = dependencies.lines().filter_map(|line| {
        let (name, _) = line.split_once('=')?;
        Some((name.trim().replace('-', "_"), line.to_owned()))
    });
    Definitions {
        generations: order.generations.clone(),
        replaced: order.replaced.clone(),
        dependencies: dependencies.collect(),
        debug: order.options.debug,
        ..Definitions::default()
    }
}

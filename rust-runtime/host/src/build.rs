//! What cells are built with, and what cargo says meanwhile.

pub mod build_orders;
pub mod cargo_config;
pub mod cargo_report;
pub mod environment;
pub mod setup;
pub mod store_settings;
pub mod target_cpu;
pub mod toolchain;
pub mod users_environment;

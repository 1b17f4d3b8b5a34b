//! What cells are built with, and what cargo says meanwhile.

pub mod cargo_config;
pub mod cargo_report;
pub mod setup;
pub mod target_cpu;
pub mod toolchain;
pub mod users_environment;

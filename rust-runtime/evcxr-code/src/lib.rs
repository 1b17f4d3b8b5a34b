//! All that is known of the code that evcxr 0.22 writes around a cell, and what is changed in it before it is compiled.

pub mod generated_code;
mod item_order;
pub mod retries;
pub mod shared_statics;
pub mod type_hints;
pub mod variable_store;
pub mod variables;

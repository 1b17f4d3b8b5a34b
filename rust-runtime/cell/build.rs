//! Cells find the symbols that this binary exports (`read`, `write`, …) only when it is linked with `-rdynamic`.

fn main() {
    println!("cargo:rustc-link-arg-bins=-rdynamic");
    println!("cargo:rerun-if-changed=build.rs");
}

//! The store of variables, which evcxr writes into every cell, and the cell process has instead.

use std::ops::Range;

/// What stands in cells' code in place of evcxr's module.
pub const OF_CELLS: &str = concat!("mod evcxr_internal_runtime {\n", include_str!("variable_store/of_cells.rs"), "}\n");

/// The lines of evcxr's module, found by its text: whether the parser understands the cell must make no difference.
pub fn of_evcxr(source: &str) -> Option<Range<usize>> {
    const FIRST: &str = "mod evcxr_internal_runtime {\n";
    const LAST: &str = "\n}\n";
    const NEXT: &str = "#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_";
    let end = source.find(&[LAST, NEXT].concat())? + LAST.len();
    let start = source[..end].rfind(FIRST)?;
    (start == 0 || source[..start].ends_with('\n')).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::{OF_CELLS, of_evcxr};

    #[test]
    fn evcxrs_module_is_found_whatever_the_cell_is() {
        let function = "#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_3(\n";
        for user in ["", "fn a() {}\n", "fn z() { ( }\n", "mod evcxr_internal_runtime2 {\n}\n"] {
            let module = "mod evcxr_internal_runtime {\npub struct VariableStore {\n}\n}\n";
            let source = format!("{user}{module}{function}let a = 1;\n}}\n");
            assert_eq!(&source[of_evcxr(&source).unwrap()], module);
            assert_eq!(of_evcxr(&format!("{user}{function}let a = 1;\n}}\n")), None);
        }
        let ours = format!("{OF_CELLS}{function}");
        assert_eq!(&ours[of_evcxr(&ours).unwrap()], OF_CELLS);
    }
}

//! Where the user wants to have results kept, and how many.

use bytesize::ByteSize;
use ferrobook_protocol::build::StoreSettings;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The directory of the store, or `off`.
pub const DIRECTORY: &str = "FERROBOOK_CACHE_DIR";
/// How much the store may hold: `500MB`, `2GiB`, bytes.
pub const SIZE: &str = "FERROBOOK_CACHE_SIZE";

const DEFAULT_SIZE: u64 = 2 << 30;

/// `Ok(None)` when the user wants no store; an error is a sentence about a setting that makes no sense.
pub fn from_environment() -> Result<Option<StoreSettings>, String> {
    from(|name| std::env::var_os(name))
}

fn from(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<StoreSettings>, String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let directory = match set(DIRECTORY) {
        Some(off) if ["off", "none", "0"].iter().any(|word| off.eq_ignore_ascii_case(word)) => return Ok(None),
        Some(directory) => PathBuf::from(directory),
        None => match set("XDG_CACHE_HOME").map(PathBuf::from).filter(|home| home.is_absolute()) {
            Some(home) => home.join("ferrobook"),
            None => match set("HOME") {
                Some(home) => Path::new(&home).join(".cache/ferrobook"),
                None => {
                    return Err(format!("there is no home directory to keep compiled cells in: set {DIRECTORY}"));
                }
            },
        },
    };
    let directory = std::path::absolute(&directory).unwrap_or(directory);
    let limit = match set(SIZE) {
        None => DEFAULT_SIZE,
        Some(size) => match size.to_str().map(str::parse::<ByteSize>) {
            Some(Ok(size)) => size.as_u64(),
            _ => return Err(format!("{SIZE}={} is not a size such as 500MB or 2GiB", size.display())),
        },
    };
    Ok(Some(StoreSettings { directory, limit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Option<StoreSettings>, String> {
        from(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_users_words() {
        let found = |variables: &[(&str, &str)]| settings(variables).unwrap().unwrap();
        assert_eq!(found(&[("HOME", "/h")]).directory, Path::new("/h/.cache/ferrobook"));
        assert_eq!(found(&[("HOME", "/h")]).limit, 2 << 30);
        assert_eq!(found(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]).directory, Path::new("/x/ferrobook"));
        assert_eq!(found(&[(DIRECTORY, "/d"), (SIZE, "300 KiB")]).limit, 300 << 10);
        assert!(found(&[(DIRECTORY, "d")]).directory.is_absolute());
        assert_eq!(settings(&[(DIRECTORY, "off")]), Ok(None));
        assert!(settings(&[(DIRECTORY, "/d"), (SIZE, "much")]).unwrap_err().contains("FERROBOOK_CACHE_SIZE=much"));
        assert!(settings(&[]).is_err());
    }
}

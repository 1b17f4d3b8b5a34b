//! Where the user's cargo is at home, and what its configuration says that we must not take away.

use ferrobook_protocol::users_environment::{CARGO_HOME, users_value};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where cargo keeps its configuration and what it has installed.
pub fn home() -> Option<PathBuf> {
    let named = users_value(CARGO_HOME).map(PathBuf::from);
    named.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))
}

/// The wrapper that cargo would call in place of rustc if there were not ours.
pub fn rustc_wrapper() -> Option<OsString> {
    let named = std::env::var_os("CARGO_BUILD_RUSTC_WRAPPER").filter(|wrapper| !wrapper.is_empty());
    named.or_else(|| {
        let home = home()?;
        // cargo takes the one without an extension when there are both.
        let text = ["config", "config.toml"].iter().find_map(|name| std::fs::read_to_string(home.join(name)).ok())?;
        wrapper_of(&text, &home).map(PathBuf::into_os_string)
    })
}

/// A name with a slash in it is a path from the directory that the configuration's own directory is in.
fn wrapper_of(config: &str, home: &Path) -> Option<PathBuf> {
    let config: toml::Table = config.parse().ok()?;
    let wrapper = config.get("build")?.get("rustc-wrapper")?.as_str().filter(|wrapper| !wrapper.is_empty())?;
    match wrapper.contains('/') {
        true => Some(home.parent()?.join(wrapper)),
        false => Some(PathBuf::from(wrapper)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers() {
        let wrapper = |config: &str| wrapper_of(config, Path::new("/home/me/.cargo"));
        assert_eq!(wrapper("[build]\nrustc-wrapper = \"sccache\"\n"), Some("sccache".into()));
        assert_eq!(wrapper("[build]\nrustc-wrapper = \"bin/w\"\n"), Some("/home/me/bin/w".into()));
        assert_eq!(wrapper("build.rustc-wrapper = \"/w\"\n"), Some("/w".into()));
        assert_eq!(wrapper("[build]\njobs = 1\n"), None);
        assert_eq!(wrapper("[build"), None);
    }
}

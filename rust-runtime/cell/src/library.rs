//! Compiled cells: loading them and finding their functions.

use std::ffi::{CStr, CString, c_void};
use std::ptr::NonNull;

/// A loaded library. It is never unloaded: variables, threads and thread-local destructors may live in it.
pub struct Library(NonNull<c_void>);

#[derive(Debug)]
pub struct LoadError(String);

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Library {
    /// What the library exports is everyone's from now on, unless an earlier one exports it, too: that is how cells
    /// share their statics. Functions stay each library's own, because the cargo shim has them linked that way.
    pub fn load(path: &str) -> Result<Self, LoadError> {
        let path = CString::new(path).map_err(|_| LoadError(format!("{path:?} is not a path")))?;
        // SAFETY: loading runs the library's initialisers, which is what running a cell means.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
        NonNull::new(handle).map(Self).ok_or_else(last_error)
    }

    /// Looks in this library first, then in those that it was linked with; never in other cells.
    pub fn symbol(&self, name: &str) -> Option<NonNull<c_void>> {
        let name = CString::new(name).ok()?;
        // SAFETY: the handle comes from dlopen and is never closed.
        NonNull::new(unsafe { libc::dlsym(self.0.as_ptr(), name.as_ptr()) })
    }
}

fn last_error() -> LoadError {
    // SAFETY: dlerror returns null or a string that is valid until the next dl call of this thread.
    let message = unsafe {
        let message = libc::dlerror();
        if message.is_null() { None } else { Some(CStr::from_ptr(message).to_string_lossy().into_owned()) }
    };
    LoadError(message.unwrap_or_else(|| "dlopen failed".to_owned()))
}

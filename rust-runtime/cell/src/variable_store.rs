//! The variables between two cells, in the process that runs the cells.
//!
//! evcxr writes a store of its own into every cell, where it is compiled again. Cells get `evcxr-code`'s in its place, which
//! finds the functions that are exported here. All cells of a process must have the same one.

use ferrobook_protocol::cell::NOT_MADE;
use std::collections::HashMap;
use std::ffi::c_void;
use std::process::abort;

/// Values that only cells know the types of.
type Variables = HashMap<String, *mut c_void>;

#[unsafe(no_mangle)]
pub extern "C" fn ferrobook_variables() -> *mut Variables {
    Box::into_raw(Box::default())
}

/// What the variable holds; null when there is none.
///
/// # Safety
/// `store` comes from [`ferrobook_variables`] and nobody else uses it; `name` is a string of `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferrobook_variable(store: *mut Variables, name: *const u8, length: usize) -> *mut c_void {
    // SAFETY: the caller's promise.
    let (store, name) = unsafe { (&*store, text(name, length)) };
    store.get(name).copied().unwrap_or_default()
}

/// Takes the variable out; null when there is none.
///
/// # Safety
/// As for [`ferrobook_variable`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferrobook_take_variable(store: *mut Variables, name: *const u8, length: usize) -> *mut c_void {
    // SAFETY: the caller's promise.
    let (store, name) = unsafe { (&mut *store, text(name, length)) };
    store.remove(name).unwrap_or_default()
}

/// Returns what the variable held before; null when there was none.
///
/// # Safety
/// As for [`ferrobook_variable`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferrobook_put_variable(
    store: *mut Variables,
    name: *const u8,
    length: usize,
    value: *mut c_void,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    let (store, name) = unsafe { (&mut *store, text(name, length)) };
    store.insert(name.to_owned(), value).unwrap_or_default()
}

/// Says so to evcxr, in evcxr's words.
///
/// # Safety
/// `name` is a string of `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferrobook_variable_has_another_type(name: *const u8, length: usize) {
    // SAFETY: the caller's promise.
    let name = unsafe { text(name, length) };
    println!("EVCXR_VARIABLE_CHANGED_TYPE:{name}");
}

/// evcxr believes in the variable, but the cell that was to make it has ended before. `name` and this word are what the host is
/// told; evcxr hears what it hears of one with another type, and forgets it.
///
/// # Safety
/// `name` is a string of `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferrobook_variable_was_not_made(name: *const u8, length: usize) {
    // SAFETY: the caller's promise.
    let name = unsafe { text(name, length) };
    println!("EVCXR_VARIABLE_CHANGED_TYPE:{name} {NOT_MADE}");
}

/// evcxr has a cell take only what is there, so this is a mistake of ours: the cell ends, as in a crash.
///
/// # Safety
/// `name` is a string of `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferrobook_variable_is_missing(name: *const u8, length: usize) -> ! {
    // SAFETY: the caller's promise.
    let name = unsafe { text(name, length) };
    eprintln!("The variable {name} is missing, or has another type.");
    abort()
}

/// Leaks what the variable holds.
///
/// # Safety
/// `store` is null or comes from [`ferrobook_variables`], and nobody else uses it.
pub unsafe fn forget(store: *mut c_void, name: &str) {
    // SAFETY: the caller's promise.
    if let Some(store) = unsafe { store.cast::<Variables>().as_mut() } {
        store.remove(name);
    }
}

/// # Safety
/// It is a string, and stays there as long as the result is used.
unsafe fn text<'a>(start: *const u8, length: usize) -> &'a str {
    // SAFETY: the caller's promise.
    unsafe { str::from_utf8_unchecked(std::slice::from_raw_parts(start, length)) }
}

#[cfg(test)]
#[allow(dead_code)]
#[path = "../../evcxr-code/src/variable_store/of_cells.rs"]
mod of_cells;

#[cfg(test)]
mod tests {
    use super::of_cells;
    use std::rc::Rc;
    use std::sync::Mutex;

    fn store() -> &'static mut of_cells::VariableStore {
        // SAFETY: each test has one of its own, which is never freed.
        unsafe { &mut *of_cells::create_variable_store() }
    }

    #[test]
    fn what_is_put_is_taken_once() {
        let store = store();
        store.put_variable("text", "text".to_owned());
        store.put_variable("größe", [1_u64; 100]);
        store.put_variable("nothing", ());
        assert!(store.check_variable::<String>("text"));
        assert_eq!(store.take_variable::<String>("text"), "text");
        assert_eq!(store.take_variable::<[u64; 100]>("größe"), [1; 100]);
        store.take_variable::<()>("nothing");
        assert!(!store.check_variable::<u8>("text"), "nobody has this name any more");
    }

    #[test]
    fn what_had_the_name_before_is_dropped() {
        let store = store();
        let value = Rc::new(());
        store.put_variable("a", Rc::clone(&value));
        assert_eq!(Rc::strong_count(&value), 2);
        store.put_variable("a", 1);
        assert_eq!(Rc::strong_count(&value), 1);
        assert!(!store.check_variable::<Rc<()>>("a"));
        assert_eq!(store.take_variable::<i32>("a"), 1);
    }

    #[test]
    fn what_is_still_there_is_kept() {
        let store = store();
        store.put_variable("text", "text".to_owned());
        assert_eq!(store.kept_variable::<String>("text"), "text");
        store.put_variable("text", 1);
        let store = Mutex::new(store);
        for name in ["text", "other"] {
            let kept = || store.lock().unwrap_or_else(|error| error.into_inner()).kept_variable::<String>(name);
            assert!(std::panic::catch_unwind(kept).is_err());
        }
    }

    #[test]
    fn a_lazy_value_is_made_once() {
        let store = store();
        let first = store.lazy_arc("runtime", || Mutex::new(1));
        *first.lock().unwrap() += 1;
        let second = store.lazy_arc("runtime", || -> Mutex<i32> { unreachable!() });
        assert_eq!(*second.lock().unwrap(), 2);
    }
}

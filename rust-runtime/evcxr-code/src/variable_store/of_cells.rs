//! The module `evcxr_internal_runtime` of every cell that has to do with variables: evcxr's own, with all that does not
//! depend on a variable's type left to the process that the cell is loaded into. A `HashMap` that is compiled anew takes
//! longer than many a cell.

use std::any::Any;
use std::ffi::c_void;
use std::sync::Arc;

pub const USER_ERROR_OCCURRED: &str = "EVCXR_ERROR_OCCURRED";

/// The variables, by their names; the process knows where.
#[repr(C)]
pub struct VariableStore {
    elsewhere: [u8; 0],
}

/// What the process holds a pointer to, which it only hands on: cells are compiled by one compiler, and it by another.
type Value = Box<dyn Any>;

unsafe extern "C" {
    fn ferrobook_variables() -> *mut VariableStore;
    fn ferrobook_variable(store: *mut VariableStore, name: *const u8, length: usize) -> *mut c_void;
    fn ferrobook_take_variable(store: *mut VariableStore, name: *const u8, length: usize) -> *mut c_void;
    fn ferrobook_put_variable(
        store: *mut VariableStore,
        name: *const u8,
        length: usize,
        value: *mut c_void,
    ) -> *mut c_void;
    fn ferrobook_variable_has_another_type(name: *const u8, length: usize);
    fn ferrobook_variable_was_not_made(name: *const u8, length: usize);
    fn ferrobook_variable_is_missing(name: *const u8, length: usize) -> !;
}

impl VariableStore {
    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        let value: Value = Box::new(value);
        let value = Box::into_raw(Box::new(value)).cast();
        // SAFETY: the store is the process's, and takes the value over.
        let before = unsafe { ferrobook_put_variable(self, name.as_ptr(), name.len(), value) };
        // SAFETY: what is not null was put there by this function, and is nobody else's any more.
        unsafe { Self::owned(before) };
    }

    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        let Some(value) = self.get(name) else {
            // SAFETY: the name is a string.
            unsafe { ferrobook_variable_was_not_made(name.as_ptr(), name.len()) };
            return false;
        };
        let is_same = value.is::<T>();
        if !is_same {
            // SAFETY: the name is a string.
            unsafe { ferrobook_variable_has_another_type(name.as_ptr(), name.len()) };
        }
        is_same
    }

    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        // SAFETY: the store is the process's, and gives the value away.
        let value = unsafe { Self::owned(ferrobook_take_variable(self, name.as_ptr(), name.len())) };
        match value.and_then(|value| value.downcast().ok()) {
            Some(value) => *value,
            // SAFETY: the name is a string.
            None => unsafe { ferrobook_variable_is_missing(name.as_ptr(), name.len()) },
        }
    }

    /// What the variable holds still, after a cell that was to replace it and did not get there.
    pub fn kept_variable<T: 'static>(&mut self, name: &str) -> T {
        match self.get(name) {
            Some(value) if value.is::<T>() => self.take_variable(name),
            _ => panic!("{name} is not there any more"),
        }
    }

    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> Arc<T> {
        if let Some(value) = self.get(name).and_then(|value| value.downcast_ref::<Arc<T>>()) {
            return Arc::clone(value);
        }
        let value = Arc::new(create());
        self.put_variable(name, Arc::clone(&value));
        value
    }

    fn get(&mut self, name: &str) -> Option<&Value> {
        // SAFETY: what is not null was put there by `put_variable`, and stays there as long as `self` is borrowed.
        unsafe { ferrobook_variable(self, name.as_ptr(), name.len()).cast::<Value>().as_ref() }
    }

    /// # Safety
    /// A pointer that is not null comes from `put_variable`, and the store has it no more.
    unsafe fn owned(value: *mut c_void) -> Option<Value> {
        // SAFETY: the caller's promise.
        (!value.is_null()).then(|| *unsafe { Box::from_raw(value.cast::<Value>()) })
    }
}

pub fn create_variable_store() -> *mut VariableStore {
    // SAFETY: it takes nothing.
    unsafe { ferrobook_variables() }
}

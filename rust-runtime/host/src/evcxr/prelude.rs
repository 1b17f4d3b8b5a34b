//! Rust code of our own that runs in the cell process before the user's.

/// Shows the value of a trailing expression in one build. evcxr first tries `.evcxr_display()`, then builds a second
/// time with `{:?}`; with this trait the first try works for whatever can be formatted. A method of the type itself
/// wins over the trait's. The name of the type travels along for `:types`. Text that is not finished, because formatting
/// panics, is not printed.
pub fn show_trait(format: &str) -> String {
    let bound = bound(format);
    format!(
        r#"#[allow(dead_code)]
trait FerrobookShow {{ fn evcxr_display(&self); }}
impl<FerrobookT: ::std::fmt::{bound} + ?::std::marker::Sized> FerrobookShow for FerrobookT {{
    fn evcxr_display(&self) {{
        let name = ::std::any::type_name::<Self>();
        if name != "()" {{
            let text = ::std::format!("EVCXR_BEGIN_CONTENT ferrobook/result\n{{}}\n{format}\nEVCXR_END_CONTENT\n", name, self);
            ::std::print!("{{}}", text);
        }}
    }}
}}
"#
    )
}

/// Stands aside for a trait of the user's own that has a method of the same name.
pub const NO_SHOW_TRAIT: &str = "#[allow(dead_code)] trait FerrobookShow {}\n";

/// The trait that a format such as `{:#?}` asks for.
fn bound(format: &str) -> &'static str {
    let spec = format.rsplit_once('{').map_or("", |(_, rest)| rest.split('}').next().unwrap_or(""));
    let Some((_, spec)) = spec.split_once(':') else { return "Display" };
    match spec.chars().last() {
        Some('?') => "Debug",
        Some('x') => "LowerHex",
        Some('X') => "UpperHex",
        Some('o') => "Octal",
        Some('b') => "Binary",
        Some('e') => "LowerExp",
        Some('E') => "UpperExp",
        Some('p') => "Pointer",
        _ => "Display",
    }
}

/// Thread-local keys that all cells share: the key is read from a static, which the cargo shim makes one for all. It is
/// in an `UnsafeCell` lest a compiler that knows the value takes the cell's own key instead.
pub const THREAD_LOCALS: &str = r#"
pub struct FerrobookLocal<T: 'static>(::std::cell::UnsafeCell<&'static ::std::thread::LocalKey<T>>);
unsafe impl<T: 'static> ::std::marker::Sync for FerrobookLocal<T> {}
impl<T: 'static> FerrobookLocal<T> {
    pub const fn new(key: &'static ::std::thread::LocalKey<T>) -> Self { Self(::std::cell::UnsafeCell::new(key)) }
}
impl<T: 'static> ::std::ops::Deref for FerrobookLocal<T> {
    type Target = ::std::thread::LocalKey<T>;
    fn deref(&self) -> &Self::Target { unsafe { *self.0.get() } }
}
#[allow(unused_macros)]
macro_rules! ferrobook_thread_local {
    ($symbol:literal; $($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $value:expr);* $(;)?) => {
        $($(#[$attribute])*
        #[unsafe(export_name = concat!($symbol, stringify!($name)))]
        $visibility static $name: crate::FerrobookLocal<$type> = {
            ::std::thread_local! { static $name: $type = $value }
            crate::FerrobookLocal::new(&$name)
        };)*
    };
}
"#;

/// Functions that the cell process looks up in the library of this cell. They act on the libstd that all cells share;
/// the cell process has a libstd of its own. The layout of `Facts` is the cell process' `panic_report::Facts`.
pub const SUPPORT: &str = r#"{
    #[unsafe(no_mangle)]
    pub extern "C" fn ferrobook_flush() {
        let _ = ::std::io::Write::flush(&mut ::std::io::stdout());
    }
    type Locks = (::std::io::StdoutLock<'static>, ::std::io::StderrLock<'static>);
    #[unsafe(no_mangle)]
    pub extern "C" fn ferrobook_hold_output() -> *mut Locks {
        ::std::boxed::Box::into_raw(::std::boxed::Box::new((::std::io::stdout().lock(), ::std::io::stderr().lock())))
    }
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn ferrobook_release_output(locks: *mut Locks) {
        drop(unsafe { ::std::boxed::Box::from_raw(locks) });
    }
    #[repr(C)]
    pub struct Text(*const u8, usize);
    impl Text {
        fn new(text: &str) -> Self { Text(text.as_ptr(), text.len()) }
    }
    #[repr(C)]
    pub struct Facts { message: Text, file: Text, thread: Text, line: u32, column: u32 }
    #[unsafe(no_mangle)]
    pub extern "C" fn ferrobook_report_panics(report: unsafe extern "C" fn(*const Facts)) {
        ::std::panic::set_hook(::std::boxed::Box::new(move |info| {
            let payload = info.payload();
            let message = payload.downcast_ref::<&str>().copied()
                .or_else(|| payload.downcast_ref::<::std::string::String>().map(|text| text.as_str()))
                .unwrap_or("Box<dyn Any>");
            let (file, line, column) = info.location().map_or(("", 0, 0), |at| (at.file(), at.line(), at.column()));
            let thread = ::std::thread::current();
            let facts = Facts {
                message: Text::new(message),
                file: Text::new(file),
                thread: thread.name().map_or(Text(::std::ptr::null(), 0), Text::new),
                line,
                column,
            };
            unsafe { report(&facts) }
        }));
    }
}
"#;

/// Whether this cell brings a trait whose `evcxr_display` our trait's would make ambiguous.
pub fn defines_display_trait(source: &str) -> bool {
    source.contains("evcxr_display") && source.contains("trait ")
}

/// `Option<String>` of `core::option::Option<alloc::string::String>`, as evcxr's `:types` shows it.
pub fn short_type_name(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut word = String::new();
    for char in name.chars() {
        match char {
            ':' => word.clear(),
            char if char.is_alphanumeric() || char == '_' => word.push(char),
            char => {
                short.push_str(&word);
                word.clear();
                short.push(char);
            }
        }
    }
    short + &word
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrobook_evcxr_code::names::{SHARED_THREAD_LOCAL, SHARED_THREAD_LOCALS_MACRO, SHOW_TRAIT};

    #[test]
    fn names_that_the_cargo_shim_relies_on() {
        for defined in [&show_trait("{:?}"), NO_SHOW_TRAIT] {
            assert!(defined.contains(&format!("trait {SHOW_TRAIT} {{")), "{defined}");
        }
        assert!(THREAD_LOCALS.contains(&format!("struct {SHARED_THREAD_LOCAL}<")));
        assert!(THREAD_LOCALS.contains(&format!("macro_rules! {SHARED_THREAD_LOCALS_MACRO} {{")));
    }

    #[test]
    fn formats() {
        for (format, expected) in
            [("{:?}", "Debug"), ("{:#?}", "Debug"), ("{}", "Display"), ("{:>8}", "Display"), ("{:#x}", "LowerHex")]
        {
            assert_eq!(bound(format), expected, "{format}");
        }
        assert!(show_trait("{:#?}").contains("{:#?}"));
    }

    #[test]
    fn type_names() {
        assert_eq!(short_type_name("core::option::Option<alloc::string::String>"), "Option<String>");
        assert_eq!(short_type_name("(i32, &[alloc::vec::Vec<u8>])"), "(i32, &[Vec<u8>])");
    }
}

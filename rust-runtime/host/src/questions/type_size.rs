//! The bytes that a value takes, where its type alone says it.

/// Of numbers and the like, and of arrays of them, on the 64-bit systems that the host runs on. What owns memory elsewhere has
/// to be asked.
pub fn of(type_name: &str) -> Option<f64> {
    if let Some(size) = of_simple(type_name) {
        return Some(size);
    }
    let (element, length) = type_name.strip_prefix('[')?.strip_suffix(']')?.rsplit_once("; ")?;
    if !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(of(element)? * length.parse::<f64>().ok()?)
}

fn of_simple(type_name: &str) -> Option<f64> {
    Some(match type_name {
        "()" => 0.0,
        "bool" | "u8" | "i8" => 1.0,
        "u16" | "i16" => 2.0,
        "char" | "u32" | "i32" | "f32" => 4.0,
        "u64" | "i64" | "f64" | "usize" | "isize" => 8.0,
        "u128" | "i128" => 16.0,
        // The address and the length; the text belongs to the program.
        "&str" => 16.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_say_it() {
        for (type_name, bytes) in [
            ("i32", 4.0),
            ("f64", 8.0),
            ("u128", 16.0),
            ("()", 0.0),
            ("&str", 16.0),
            ("[f32; 1000]", 4000.0),
            ("[[u8; 3]; 2]", 6.0),
        ] {
            assert_eq!(of(type_name), Some(bytes), "{type_name}");
        }
    }

    #[test]
    fn types_whose_values_have_to_be_asked() {
        for type_name in ["Vec<i32>", "String", "Point", "(u8, u32)", "[String; 2]", "Box<u8>", "[u8; N]", "toString"] {
            assert_eq!(of(type_name), None, "{type_name}");
        }
    }
}

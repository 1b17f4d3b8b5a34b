//! What there is to show of a variable: a cell of the host's own looks at it.

use crate::evcxr::engine::Engine;
use crate::questions::InTurn;
use crate::session::state::Session;
use ferrobook_protocol::{Answer, VariableValue};
use regex::Regex;
use std::sync::LazyLock;

/// The MIME type by which the cell tells the size in bytes.
const SIZE_MIME: &str = "application/vnd.ferrobook.size+json";

/// How many bytes of a value are written.
const LONGEST: usize = 20_000;

/// Types that hold what they point to.
#[expect(clippy::unwrap_used, reason = "the pattern is a constant, and a test compiles it")]
static OWNER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(?-u)(\w+::)*(String|Vec|Box|Rc|Arc)\b").unwrap());

#[derive(Debug)]
pub struct Value {
    /// The number of the request, and of the cell that looks.
    pub id: u32,
    pub name: String,
}

impl InTurn for Value {
    fn without_evcxr(&self) -> Answer {
        problem("A cell runs; open the variable again when it has ended.".to_owned())
    }

    /// The cell leaves no trace: not in the notebook's items and variables, and nothing of it is told but its value.
    fn answer(&self, session: &mut Session) -> Answer {
        let variables = session.engine.as_ref().map(Engine::variables).unwrap_or_default();
        let Some((name, type_name)) = variables.into_iter().find(|(name, _)| *name == self.name) else {
            return problem(format!("There is no variable {} any more.", self.name));
        };
        match session.look(self.id, &cell(&name, &type_name)) {
            Ok(mut data) => {
                let size = data.remove(SIZE_MIME).and_then(|size| size.trim().parse().ok());
                Answer::Value { value: VariableValue::Shown { data, size } }
            }
            Err(error) if error.ename == "E0277" => {
                problem(format!("{type_name} cannot be shown, because it is not Debug."))
            }
            Err(error) => problem(error.evalue),
        }
    }
}

fn problem(problem: String) -> Answer {
    Answer::Value { value: VariableValue::Problem { problem } }
}

/// Code that displays a variable as `{:#?}` does, and its size. It stops writing where enough is written, so that a vector of
/// a gigabyte costs no more than a short one, and changes nothing of the notebook.
fn cell(name: &str, type_name: &str) -> String {
    let contents = match OWNER.is_match(type_name) {
        true => format!(" + ::std::mem::size_of_val(&*{name})"),
        false => String::new(),
    };
    format!(
        r#"{{
    struct FerrobookShortened(::std::string::String);
    impl ::std::fmt::Write for FerrobookShortened {{
        fn write_str(&mut self, text: &str) -> ::std::fmt::Result {{
            let room = {LONGEST}_usize.saturating_sub(self.0.len());
            self.0.push_str(&text[..text.floor_char_boundary(room)]);
            if text.len() <= room {{ Ok(()) }} else {{ Err(::std::fmt::Error) }}
        }}
    }}
    let mut ferrobook_shown = FerrobookShortened(::std::string::String::new());
    if ::std::fmt::Write::write_fmt(&mut ferrobook_shown, ::std::format_args!("{{:#?}}", &{name})).is_err() {{
        ferrobook_shown.0.push('…');
    }}
    let ferrobook_size = ::std::mem::size_of_val(&{name}){contents};
    ::std::println!("EVCXR_BEGIN_CONTENT text/plain\n{{}}\nEVCXR_END_CONTENT", ferrobook_shown.0);
    ::std::println!("EVCXR_BEGIN_CONTENT {SIZE_MIME}\n{{}}\nEVCXR_END_CONTENT", ferrobook_size);
}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_variable_owns_counts_as_its_own() {
        let is_asked = |type_name| cell("v", type_name).contains("size_of_val(&*v)");
        for type_name in ["String", "Vec<u8>", "std::sync::Arc<str>", "Box<dyn Fn()>"] {
            assert!(is_asked(type_name), "{type_name}");
        }
        for type_name in ["&str", "Vector", "Option<String>", "[u8; 3]"] {
            assert!(!is_asked(type_name), "{type_name}");
        }
    }
}

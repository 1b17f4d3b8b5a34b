//! The lines at the top of a cell that are not Rust.

/// A line that is not Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `:name arguments`
    Evcxr { name: String, arguments: String },
    /// `!command`
    Shell(String),
}

/// The commands of a cell with the numbers (from 0) of their lines, and the byte at which its Rust code begins.
pub fn split(source: &str) -> (Vec<(usize, Command)>, usize) {
    let mut commands = Vec::new();
    let mut start = 0;
    for (number, line) in source.split_inclusive('\n').enumerate() {
        let text = line.trim_end_matches(['\n', '\r']);
        let trimmed = text.trim_start_matches(' ');
        if let Some(command) = text.strip_prefix('!').filter(|text| !is_call(text)) {
            commands.push((number, Command::Shell(command.trim_start_matches('!').trim().to_owned())));
        } else if trimmed.starts_with(':') {
            let (name, arguments) = trimmed.split_once(' ').unwrap_or((trimmed, ""));
            let (name, arguments) = (name.to_owned(), arguments.trim().to_owned());
            commands.push((number, Command::Evcxr { name, arguments }));
        } else if is_documentation(text) || !text.starts_with("//") && !text.trim().is_empty() {
            return (commands, start);
        }
        start += line.len();
    }
    (commands, start)
}

/// Whether it is code that negates a value, as in `!done.is_empty()`: no shell has a parenthesis right behind a word.
fn is_call(text: &str) -> bool {
    let end = text.find(|char: char| !(char.is_alphanumeric() || "_.:".contains(char))).unwrap_or(text.len());
    let path = &text[..end];
    text[end..].starts_with('(') && path.starts_with(|char: char| char.is_alphabetic() || char == '_')
}

/// Whether the line belongs to the item below it.
pub fn is_documentation(line: &str) -> bool {
    line.starts_with("///") && !line.starts_with("////")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_negated_is_no_command() {
        for code in ["!done.is_empty()", "!f(1)", "!a::b(2) && c", "!_x.y.z()"] {
            assert_eq!(split(code), (Vec::new(), 0), "{code}");
        }
        for command in ["!ls", "!(cd /; ls)", "!echo (x)", "!./run.sh", "!f.sh", "!a && b()", "!!f(x)"] {
            assert_eq!(split(command).0.len(), 1, "{command}");
        }
    }

    #[test]
    fn commands_stand_at_the_top_only() {
        let (commands, start) = split(
            r"// c
:opt 2
!ls -l

x
:vars",
        );
        let opt = Command::Evcxr { name: ":opt".to_owned(), arguments: "2".to_owned() };
        assert_eq!(commands, [(1, opt), (2, Command::Shell("ls -l".to_owned()))]);
        assert_eq!(start, "// c\n:opt 2\n!ls -l\n\n".len());
    }
}

//! rustc's command line, as far as a result depends on it.

use ferrobook_protocol::build::Kind;
use std::path::{Path, PathBuf};

/// The crate that evcxr makes of a cell.
const CELL: &str = "ctx";

/// Options whose value is the next argument.
const WITH_VALUE: [&str; 26] = [
    "--cfg",
    "--check-cfg",
    "-L",
    "-l",
    "--crate-type",
    "--crate-name",
    "--edition",
    "--emit",
    "--print",
    "-o",
    "--out-dir",
    "--explain",
    "--target",
    "-A",
    "-W",
    "-D",
    "-F",
    "--cap-lints",
    "-C",
    "--codegen",
    "--sysroot",
    "-Z",
    "--extern",
    "--error-format",
    "--color",
    "--remap-path-prefix",
];

/// What a result cannot be stored for: other files are read or written than those that are known here.
const UNKNOWN_CODEGEN: [&str; 6] = [
    "save-temps",
    "profile-generate",
    "instrument-coverage",
    "split-debuginfo=packed",
    "split-debuginfo=unpacked",
    "linker-plugin-lto",
];

/// One argument, with its value when it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Empty for the source file.
    pub option: String,
    pub value: String,
    /// As they were written.
    pub words: Vec<String>,
}

/// A compile whose result can be stored.
#[derive(Debug)]
pub struct Invocation {
    pub arguments: Vec<Argument>,
    pub crate_name: String,
    pub source: PathBuf,
    pub out_dir: PathBuf,
    /// As rustc names them: `lib`, `cdylib`, …
    pub crate_types: Vec<String>,
    /// Whether other crates become part of the result.
    pub links: bool,
    pub externs: Vec<(String, PathBuf)>,
    pub extra_filename: String,
    pub target: Option<String>,
    pub linker: Option<String>,
    /// Where the compiler keeps what makes its next run faster.
    pub incremental: Option<PathBuf>,
    /// Directories of compiled crates, and those of other libraries.
    pub crate_directories: Vec<PathBuf>,
    pub library_directories: Vec<PathBuf>,
}

/// `None` when nobody could say what the result depends on.
pub fn parse(words: &[String]) -> Option<Invocation> {
    let arguments = split(words)?;
    let values = |option: &str| -> Vec<&str> {
        let found = arguments.iter().filter(|argument| argument.option == option);
        found.map(|argument| argument.value.as_str()).collect()
    };
    let codegen = |name: &str| -> Option<String> {
        let found = values("-C").into_iter().rev().find_map(|value| value.strip_prefix(name)?.strip_prefix('='));
        found.map(str::to_owned)
    };
    let [source] = values("")[..] else { return None };
    let ([crate_name], [out_dir]) = (&values("--crate-name")[..], &values("--out-dir")[..]) else { return None };
    let kinds = values("--crate-type");
    let emits: Vec<&str> = values("--emit").into_iter().flat_map(|value| value.split(',')).collect();
    let json: Vec<&str> = values("--json").into_iter().flat_map(|value| value.split(',')).collect();
    let known = source.ends_with(".rs")
        && !emits.is_empty()
        && emits.iter().all(|emit| ["dep-info", "metadata", "link"].contains(emit))
        && emits.contains(&"dep-info")
        && json.contains(&"artifacts")
        && !kinds.is_empty()
        && ["-o", "--print", "--explain", "--test", "--sysroot"].iter().all(|option| values(option).is_empty())
        && values("-C").iter().all(|value| !UNKNOWN_CODEGEN.iter().any(|unknown| value.starts_with(unknown)))
        && values("-Z").iter().all(|value| !value.contains("self-profile") && !value.contains("dump"));
    if !known {
        return None;
    }
    let externs = values("--extern").into_iter().filter_map(|value| {
        let (name, path) = value.split_once('=')?;
        Some((name.to_owned(), PathBuf::from(path)))
    });
    let (mut crate_directories, mut library_directories) = (Vec::new(), Vec::new());
    for value in values("-L") {
        match value.split_once('=') {
            Some(("dependency" | "crate", path)) => crate_directories.push(PathBuf::from(path)),
            Some(("native" | "framework" | "all", path)) => library_directories.push(PathBuf::from(path)),
            _ => library_directories.push(PathBuf::from(value)),
        }
    }
    Some(Invocation {
        crate_name: (*crate_name).to_owned(),
        source: PathBuf::from(source),
        out_dir: PathBuf::from(out_dir),
        crate_types: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        links: emits.contains(&"link") && kinds.iter().any(|kind| !["lib", "rlib"].contains(kind)),
        externs: externs.collect(),
        extra_filename: codegen("extra-filename").unwrap_or_default(),
        target: values("--target").first().map(|target| (*target).to_owned()),
        linker: codegen("linker"),
        incremental: codegen("incremental").map(PathBuf::from),
        crate_directories,
        library_directories,
        arguments,
    })
}

/// Whether the compiler is only asked about itself.
pub fn is_question(words: &[String]) -> bool {
    let asks = |word: &String| word == "--print" || word.starts_with("--print=");
    let makes = |word: &String| {
        word == "-o" || word.starts_with("--out-dir") || word.starts_with("--emit") || word.ends_with(".rs")
    };
    words == ["-vV"] || words.iter().any(asks) && !words.iter().any(makes)
}

/// `None` when not all of them are here.
pub fn split(words: &[String]) -> Option<Vec<Argument>> {
    let mut arguments = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word.starts_with('@') || word == "-" {
            return None;
        }
        let mut argument = |option: &str, value: &str, words: Vec<String>| {
            let option = if option == "--codegen" { "-C" } else { option };
            arguments.push(Argument { option: option.to_owned(), value: value.to_owned(), words });
        };
        if !word.starts_with('-') {
            argument("", word, vec![word.clone()]);
        } else if WITH_VALUE.contains(&word.as_str()) {
            let value = rest.next()?;
            argument(word, value, vec![word.clone(), value.clone()]);
        } else if let Some((option, value)) = word.strip_prefix("--").and_then(|_| word.split_once('=')) {
            argument(option, value, vec![word.clone()]);
        } else if let Some(option) = ["-C", "-L", "-l", "-Z"].iter().find(|option| word.starts_with(**option)) {
            argument(option, &word[option.len()..], vec![word.clone()]);
        } else {
            argument(word, "", vec![word.clone()]);
        }
    }
    Some(arguments)
}

impl Invocation {
    /// Whether it is what was ordered that is compiled, and no dependency of it.
    pub fn makes(&self, kind: Kind) -> bool {
        match kind {
            Kind::Cell | Kind::Check => {
                self.crate_name == CELL && self.crate_types == ["cdylib"] && self.source == Path::new("src/lib.rs")
            }
        }
    }

    /// The crate's file, if it is a library of Rust's.
    pub fn library_name(&self) -> String {
        format!("lib{}{}.rlib", self.crate_name, self.extra_filename)
    }

    /// Where rustc writes which files it has read.
    pub fn dep_info(&self) -> PathBuf {
        self.out_dir.join(format!("{}{}.d", self.crate_name, self.extra_filename))
    }

    /// Whether the result depends on the processor of this machine.
    pub fn is_for_this_processor(&self) -> bool {
        self.arguments.iter().any(|argument| argument.option == "-C" && argument.value.ends_with("-cpu=native"))
    }

    /// The words that rustc is called with. Two cells must have one crate's identity, wherever they were compiled, or a
    /// type of the notebook would be two types.
    pub fn words(&self, crate_dir: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let is_cell = self.makes(Kind::Cell);
        for argument in &self.arguments {
            let is_identity = argument.option == "-C" && argument.value.starts_with("metadata=");
            match is_cell && is_identity {
                true => words.extend(["-C".to_owned(), IDENTITY.to_owned()]),
                false => words.extend(argument.words.iter().cloned()),
            }
        }
        words.push(format!("--remap-path-prefix={crate_dir}={REMAPPED}"));
        words
    }
}

/// The identity of the crate of every cell.
const IDENTITY: &str = "metadata=ferrobook";
/// Stands in debugging information for the directory of the cells' package.
pub use ferrobook_protocol::build::CELL_CRATE as REMAPPED;

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "--crate-name ctx --edition=2024 src/lib.rs --error-format=json \
        --json=diagnostic-rendered-ansi,artifacts,future-incompat --crate-type cdylib --emit=dep-info,link -C opt-level=3 \
        --check-cfg cfg(docsrs,test) -C metadata=ed79f9e3c225b184 -C rpath --out-dir /c/target/t/debug/deps --target t \
        -C incremental=/c/target/t/debug/incremental -L dependency=/c/target/t/debug/deps -L native=/usr/x \
        --extern noprelude:itoa=/c/target/t/debug/deps/libitoa-1.rlib --extern proc_macro -Cprefer-dynamic";

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_cell() {
        let cell = parse(&words(WORDS)).unwrap();
        assert!(cell.makes(Kind::Cell) && cell.links);
        assert_eq!(cell.dep_info(), Path::new("/c/target/t/debug/deps/ctx.d"));
        assert_eq!(cell.externs, [("noprelude:itoa".to_owned(), "/c/target/t/debug/deps/libitoa-1.rlib".into())]);
        assert_eq!(cell.crate_directories, [Path::new("/c/target/t/debug/deps")]);
        assert_eq!(cell.library_directories, [Path::new("/usr/x")]);
        let called = cell.words("/c").join(" ");
        assert!(called.contains("-C metadata=ferrobook -C rpath"), "{called}");
        assert!(called.ends_with("-Cprefer-dynamic --remap-path-prefix=/c=/ferrobook/cell"));
    }

    #[test]
    fn a_dependency() {
        let text = WORDS.replace("ctx", "itoa").replace("cdylib", "lib").replace("-C rpath", "-C extra-filename=-1");
        let dependency = parse(&words(&text)).unwrap();
        assert!(!dependency.makes(Kind::Cell) && !dependency.links && !dependency.is_for_this_processor());
        assert_eq!(dependency.dep_info(), Path::new("/c/target/t/debug/deps/itoa-1.d"));
        assert!(dependency.words("/c").join(" ").contains("-C metadata=ed79f9e3c225b184"));
        assert!(parse(&words(&format!("{text} -Ctarget-cpu=native"))).unwrap().is_for_this_processor());
    }

    #[test]
    fn questions() {
        for question in [
            "-vV",
            "- --crate-name ___ --print=file-names --crate-type bin --print=cfg -Wwarnings",
            "-O --target t --print cfg",
            "-Z unstable-options --target t --print target-spec-json",
        ] {
            assert!(is_question(&words(question)), "{question}");
        }
        for other in [WORDS, "--version", "src/lib.rs --print cfg", "- --emit=link --print link-args -o x"] {
            assert!(!is_question(&words(other)), "{other}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_stored() {
        for more in [
            "-o x",
            "--print cfg",
            "@file",
            "other.rs",
            "-C save-temps",
            "--emit=asm",
            "-",
            "-C split-debuginfo=packed",
        ] {
            assert!(parse(&words(&format!("{WORDS} {more}"))).is_none(), "{more}");
        }
        assert!(parse(&words("-vV")).is_none());
    }
}

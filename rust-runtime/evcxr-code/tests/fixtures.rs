//! The fixtures are what evcxr writes. evcxr runs as it does in the host, but what it takes for cargo keeps the code and
//! compiles nothing, and what it takes for its cell process runs nothing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use evcxr::{CommandContext, EvalContext, EvalContextOutputs};
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Keeps the code, and answers with the error that is expected next, about the line that it names.
const CARGO: &str = r#"#!/bin/sh
for word; do
    case "$word" in
    metadata) exec "$REAL_CARGO" "$@" ;;
    check) cp src/lib.rs "$CAPTURED/analysis"; exit 0 ;;
    build)
        number=$(ls "$CAPTURED" | grep -c '\.rs$')
        cp src/lib.rs "$CAPTURED/$(printf %02d "$number").rs"
        if [ -e "$CAPTURED/$number.error" ]; then
            line=$(grep -nF "$(head -n 1 "$CAPTURED/$number.error")" src/lib.rs | tail -n 1 | cut -d: -f1)
            tail -n +2 "$CAPTURED/$number.error" | sed "s/LINE/$line/g"
            exit 1
        fi
        mkdir -p target
        : > target/captured.so
        printf %s "$PWD/target/captured.so" > "$EVCXR_EXECUTION_SO_PATH"
        exit 0
        ;;
    esac
done
"#;

/// Says after each cell that it is over.
const CELL_PROCESS: &str = "while read -r _; do echo EVCXR_EXECUTION_COMPLETE; done";

/// What the host's prelude defines.
const SHOW: &str = r#"
#[allow(dead_code)]
trait FerrobookShow { fn evcxr_display(&self); }
"#;

/// Cells of a notebook, the last of which is only looked at.
const ANALYSIS: [&str; 2] = [
    r"fn f() {}
let a: u8 = 1;",
    r"let b: u8 = a;
b + 1",
];

/// The cells of a notebook, the last of which is the fixture, with the errors that its compiles end with: the code of each
/// and the text of the line that it is about.
struct Fixture {
    name: &'static str,
    cells: &'static [&'static str],
    errors: &'static [(&'static str, &'static str)],
}

const FIXTURES: [Fixture; 13] = [
    Fixture {
        name: "items",
        cells: &[r"fn f() -> u8 {
    1
}"],
        errors: &[],
    },
    Fixture { name: "statement", cells: &["fn f() {}", r#"println!("a cell");"#], errors: &[] },
    Fixture {
        name: "attribute",
        cells: &[r"#![allow(non_snake_case)]
println!();"],
        errors: &[],
    },
    Fixture {
        name: "macro",
        cells: &[r#"macro_rules! one {
    () => { 1 };
}
println!("{}", one!());"#],
        errors: &[],
    },
    Fixture { name: "new_variable", cells: &["let a: Vec<u8> = vec![1];"], errors: &[] },
    Fixture {
        name: "variables",
        cells: &[
            r"let a: Vec<u8> = vec![1];
let mut b: (u8, u8) = (1, 2);",
            r"let c: u8 = a[0];
let d: bool = true;
b.0 += c;",
        ],
        errors: &[],
    },
    Fixture { name: "expression", cells: &[SHOW, "1 + 1"], errors: &[] },
    Fixture { name: "expression_in_evcxrs_way", cells: &[SHOW, "1 + 1"], errors: &[("E0599", ").evcxr_display();")] },
    Fixture { name: "question_mark", cells: &[r#"let n: u8 = "1".parse()?;"#], errors: &[("E0277", "parse()?")] },
    Fixture { name: "await", cells: &["later().await;"], errors: &[("E0728", "later().await")] },
    Fixture {
        name: "await_and_question_mark",
        cells: &["later().await?;"],
        errors: &[("E0728", "later().await"), ("E0277", "later().await")],
    },
    Fixture { name: "without_closure", cells: &["let n: u8 = nowhere();"], errors: &[("E0425", "nowhere()")] },
    Fixture {
        name: "text_like_evcxrs",
        cells: &[r##"const TEXT: &str = r#"
mod evcxr_internal_runtime {
}
#[unsafe(no_mangle)]
pub extern "C" fn run_user_code_1(
"#;
let a: u8 = 1;"##],
        errors: &[],
    },
];

struct Evcxr {
    directory: tempfile::TempDir,
}

impl Evcxr {
    /// Lets evcxr find our programs.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let evcxr = Self { directory };
        let real = Command::new("cargo").args(["-Vv"]).output().unwrap();
        assert!(real.status.success());
        let path = std::env::var("PATH").unwrap();
        let find =
            |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
        evcxr.program("cargo", CARGO);
        // evcxr asks rustup first.
        evcxr.program("rustup", "#!/bin/sh\nexit 1\n");
        // SAFETY: the only test of this program; no other thread of it reads the environment.
        unsafe {
            std::env::set_var(
                "REAL_CARGO",
                std::env::var_os("CARGO").map_or_else(|| find("cargo").unwrap(), PathBuf::from),
            );
            std::env::set_var("CAPTURED", evcxr.captured());
            std::env::set_var("PATH", format!("{}:{path}", evcxr.directory.path().display()));
            // Cells name their types: rust-analyzer need not read the standard library.
            std::fs::create_dir_all(evcxr.directory.path().join("no-std/core")).unwrap();
            std::env::set_var("RUST_SRC_PATH", evcxr.directory.path().join("no-std"));
            // Not what the user has configured.
            std::env::set_var("XDG_CONFIG_HOME", evcxr.directory.path());
            std::env::remove_var("EVCXR_TMPDIR");
        }
        evcxr
    }

    fn captured(&self) -> PathBuf {
        self.directory.path().join("captured")
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// evcxr, of whose code nothing is kept yet.
    fn start(&self) -> (EvalContext, EvalContextOutputs) {
        let _ = std::fs::remove_dir_all(self.captured());
        std::fs::create_dir(self.captured()).unwrap();
        let mut process = Command::new("sh");
        process.args(["-c", CELL_PROCESS]);
        EvalContext::with_subprocess_command(process).unwrap()
    }

    /// The code of a cell that is only looked at.
    fn analysis(&self) -> String {
        let (context, _outputs) = self.start();
        let mut context = CommandContext::with_eval_context(context);
        let [before, last] = ANALYSIS;
        context.execute(before).unwrap();
        context.check(last).unwrap();
        std::fs::read_to_string(self.captured().join("analysis")).unwrap()
    }

    /// The code of the last compile of the last cell.
    fn code_of(&self, fixture: &Fixture) -> String {
        let captured = self.captured();
        let (mut context, _outputs) = self.start();
        let (last, before) = fixture.cells.split_last().unwrap();
        for cell in before {
            context.eval(cell).unwrap();
        }
        let compiles = std::fs::read_dir(&captured).unwrap().count();
        for (number, (code, line)) in fixture.errors.iter().enumerate() {
            let error = format!("{line}\n{}\n", error(code));
            std::fs::write(captured.join(format!("{}.error", compiles + number)), error).unwrap();
        }
        let _ = context.eval(last);
        let files = std::fs::read_dir(&captured).unwrap().map(|file| file.unwrap().path());
        let newest = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).max().unwrap();
        assert!(newest >= captured.join(format!("{:02}.rs", compiles + fixture.errors.len())), "{}", fixture.name);
        std::fs::read_to_string(newest).unwrap()
    }
}

/// As cargo prints an error of the compiler.
fn error(code: &str) -> String {
    let span = r#"{"file_name":"src/lib.rs","line_start":LINE,"line_end":LINE,"column_start":1,"column_end":1,"is_primary":true,"label":null,"text":[],"expansion":null}"#;
    format!(
        r#"{{"reason":"compiler-message","message":{{"message":"{code}","code":{{"code":"{code}","explanation":null}},"level":"error","spans":[{span}],"children":[],"rendered":"{code}"}}}}"#
    )
}

/// Items, attributes and statements about variables come in the order of a `HashMap`.
fn lines_of(code: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = code.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn fixtures_are_what_evcxr_writes() {
    let evcxr = Evcxr::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = String::new();
    let compiled = FIXTURES.iter().map(|fixture| (fixture.name, evcxr.code_of(fixture)));
    for (name, code) in compiled.chain(std::iter::once_with(|| ("analysis", evcxr.analysis()))) {
        let path = directory.join(format!("{name}.rs"));
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        if lines_of(&code) == lines_of(&known) {
            continue;
        }
        if update {
            std::fs::write(&path, code).unwrap();
        } else {
            writeln!(stale, "{}", path.display()).unwrap();
        }
    }
    assert!(
        stale.is_empty(),
        "evcxr writes other code than these fixtures show; \
         `UPDATE=1 cargo test --release --workspace --test fixtures` renews them:\n{stale}"
    );
}

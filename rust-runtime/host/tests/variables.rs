//! Variables that cells mention, do not mention, move, redefine.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{Answer, Event, Question, Request, Variable, VariableValue};

#[test]
fn variables_that_a_cell_does_not_mention_are_still_there() {
    let mut host = Host::start();
    host.cell(r#"let a = 1; let mut b = vec![1, 2]; let c = String::from("c"); let größe = 2.5; let r#type = 'x';"#)
        .ok();
    host.cell(r#"println!("hello")"#).stdout("hello\n").ok();
    host.cell("a + 1").result("2").ok();
    host.cell(r#"println!("{c:>3} {b:?}")"#).stdout("  c [1, 2]\n").ok();
    host.cell(
        r"b.push(3);
let f: Box<dyn Fn() -> usize> = { let b = b.clone(); Box::new(move || b.len()) };",
    )
    .ok();
    host.cell("f() + b.len()").result("6").ok();
    host.cell("(größe, r#type)").result("(2.5, 'x')").ok();
    host.cell(":vars")
        .display_with(|bundle| {
            for name in ["a: i32", "b: Vec<i32>", "c: String", "größe: f64"] {
                assert!(bundle["text/plain"].contains(name), "{bundle:?}");
            }
        })
        .ok();
    // Another type, the same name as an item, a name in a macro.
    host.cell("let a = [a, 5];").ok();
    host.cell(
        r"fn c2() -> i32 { 7 }
let c3 = c2;
a.len()",
    )
    .result("2")
    .ok();
    host.cell("macro_rules! both { ($x:expr, $y:ident) => { ($x, $y.len()) } }").ok();
    host.cell("both!(a[1], c)").result("(5, 1)").ok();
    host.cell(r#"panic!("{}", a[0])"#).fails("panic").says("1");
    // A name that no word spells is found all the same.
    host.cell(r#"println!("{\u{62}:?}");"#).stdout("[1, 2, 3]\n").ok();
    host.cell("(a, b, c, f())").result("([1, 5], [1, 2, 3], \"c\", 3)").ok();
}

#[test]
fn moved_variables_are_gone_and_the_others_are_not() {
    let mut host = Host::start();
    host.cell("let a = vec![1]; let b = vec![2]; let c = vec![3];").ok();
    host.cell("drop(a);").ok();
    host.cell("b.into_iter().sum::<i32>()").result("2").ok();
    host.cell("c").result("[3]").ok();
    host.cell("a").fails("E0425");
    host.cell("b").fails("E0425");
    // The way in which a type shows itself is not lost when the expression moves something.
    host.cell(r#"struct Shown(Vec<i32>);
impl Shown { fn evcxr_display(&self) { println!("EVCXR_BEGIN_CONTENT text/html\n<b>{}</b>\nEVCXR_END_CONTENT", self.0.len()); } }"#,
    )
    .ok();
    host.cell("Shown(c)").bundle(&[("text/html", "<b>1</b>")], true).ok();
    host.cell("if std::env::args().count() > 100 { drop(Shown(vec![])); }").ok();
}

#[test]
fn a_type_that_changes_concerns_only_cells_with_its_variables() {
    let mut host = Host::start();
    host.cell(
        r"#[derive(Debug, Clone)]
struct P { x: u8 }
let p = P { x: 1 }; let q = 2;",
    )
    .ok();
    host.cell(
        r"#[derive(Debug, Clone)]
struct P { x: u8, y: u8 }
q + 1",
    )
    .result("3")
    .ok();
    host.cell("q").result("2").ok();
    host.cell("p.clone()")
        .fails("TypeChanged")
        .says("`p` was made with another definition of `P`, which cell [2] has changed");
    host.cell(
        r"let p = P { x: 3, y: 4 };
p",
    )
    .result("P { x: 3, y: 4 }")
    .ok();
}

#[test]
fn literals_have_the_types_that_rust_analyzer_finds() {
    let values = [
        "1",
        "-7",
        "7u8",
        "1.5",
        "2f32",
        "true",
        "'x'",
        "b'x'",
        "\"x\"",
        "()",
        r#"(1, "x")"#,
        "(1,)",
        "[1, 2, 3]",
        "vec![1, 2]",
        "vec![(1, 'x')]",
        r#"vec!["a".to_string()]"#,
        r#"format!("x")"#,
        r#"String::from("x")"#,
    ];
    let define = |name: &str, written: &dyn Fn(&str) -> String| {
        let lets =
            values.iter().enumerate().map(|(number, value)| format!("let {name}{number} = {};\n", written(value)));
        lets.collect::<String>()
    };
    let mut host = Host::start();
    host.cell(&define("a", &str::to_owned)).ok();
    // A block takes an inference.
    host.cell(&define("b", &|value| format!("{{ {value} }}"))).ok();
    host.cell(":vars")
        .display_with(|bundle| {
            let text = &bundle["text/plain"];
            let of = |name: String| {
                let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
                line.unwrap_or_else(|| panic!("no {name} in {text}"))
            };
            for (number, value) in values.iter().enumerate() {
                assert_eq!(of(format!("a{number}")), of(format!("b{number}")), "{value}");
            }
        })
        .ok();
    // Where a word means something else, rust-analyzer has the last word.
    host.cell(
        r"struct String;
impl String { fn new() -> u8 { 7 } }
let own = String::new();",
    )
    .ok();
    host.cell("own").result("7").ok();
    host.cell(
        r"let number = 3;
let wide: u64 = number;",
    )
    .ok();
    host.cell("(number, wide)").result("(3, 3)").ok();
}

#[test]
fn a_value_is_looked_at_and_stays_as_it_is() {
    let mut host = Host::start();
    let shown = |text: &str, size: f64| VariableValue::Shown {
        data: [("text/plain".to_owned(), text.to_owned())].into(),
        size: Some(size),
    };
    let problem = |text: &str| VariableValue::Problem { problem: text.to_owned() };
    host.cell(r#"struct Mute; let mute = Mute; let names = vec!["a".to_owned(), "b".to_owned()]; let large = vec![7u8; 1_000_000];"#)
        .ok();
    assert_eq!(host.value("names"), shown("[\n    \"a\",\n    \"b\",\n]", 72.0));
    match host.value("large") {
        VariableValue::Shown { data, size } => {
            let text = &data["text/plain"];
            assert!(text.len() < 30_000 && text.starts_with("[\n    7,") && text.ends_with('…'), "{}", text.len());
            assert_eq!(size, Some(1_000_024.0));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(host.value("mute"), problem("Mute cannot be shown, because it is not Debug."));
    assert_eq!(host.value("gone"), problem("There is no variable gone any more."));
    host.cell(
        r#"let bad = Bad; struct Bad;
impl std::fmt::Debug for Bad {
    fn fmt(&self, _: &mut std::fmt::Formatter) -> std::fmt::Result { println!("unseen"); panic!("no") }
}"#,
    )
    .ok();
    assert_eq!(host.value("bad"), problem("no"));
    // Nothing of it is left, and nothing of it was told: the next event is the next cell's.
    host.cell("FerrobookShortened").fails("E0425");
    host.cell("names").result("[\"a\", \"b\"]").ok();
}

#[test]
fn nobody_waits_for_a_cell_to_look_at_a_variable() {
    let mut host = Host::start();
    host.cell("let a = 1;").ok();
    let cell = host.begin_with(r#"println!("on"); std::io::stdin().read_line(&mut String::new()).unwrap();"#, true);
    host.wait_for("on\n");
    assert!(matches!(host.next(), Event::InputRequest { .. }));
    let busy = "A cell runs; open the variable again when it has ended.".to_owned();
    assert_eq!(host.value("a"), VariableValue::Problem { problem: busy });
    assert_eq!(host.ask(Question::Variables), Answer::Variables { variables: None });
    host.send(&Request::Input { id: cell, value: Some(String::new()) });
    host.finish(cell, "").ok();
    let a = Variable { name: "a".to_owned(), type_name: "i32".to_owned(), size: Some(4.0) };
    assert_eq!(host.ask(Question::Variables), Answer::Variables { variables: Some(vec![a]) });
}

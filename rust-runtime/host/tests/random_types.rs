//! Random edits of random types, with random values of them left in variables: each value is afterwards the one that it was, or
//! refused. `FERROBOOK_TYPE_EDITS=2000 cargo test --release --workspace --test random_types` tries more of them, and
//! `FERROBOOK_SEED` others.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use fastrand::Rng;

/// So many are enough to see that it works; the number that finds rare cases takes minutes.
const USUAL: usize = 60;
/// Variables of one notebook.
const MOST: usize = 20;

#[derive(Clone, Debug, PartialEq)]
enum Type {
    Plain(&'static str),
    /// With its one argument.
    Of(&'static str, Box<Type>),
    Array(Box<Type>, usize),
    Pair(Box<Type>, Box<Type>),
    Map(Box<Type>),
    /// A type or an alias of the notebook.
    Named(String),
    /// An array whose length is a constant of the notebook.
    Long(Box<Type>, String),
}

const PLAIN: [&str; 14] =
    ["u8", "u16", "u32", "u64", "i8", "i32", "i64", "u128", "f32", "f64", "bool", "char", "String", "&'static str"];
const OF: [&str; 5] = ["Vec", "Option", "Box", "std::rc::Rc", "std::cell::RefCell"];

#[derive(Clone, Debug)]
enum Shape {
    Record(Vec<(String, Type)>),
    Tuple(Vec<Type>),
    Enum(Vec<(String, Vec<Type>)>),
    Alias(Type),
    /// The length of arrays, and what it is computed from.
    Length(Computed, usize),
}

#[derive(Clone, Copy, Debug)]
enum Computed {
    Plain,
    ConstFn,
    Static,
    Method,
    TraitConstant,
}

#[derive(Clone, Debug)]
struct Definition {
    name: String,
    shape: Shape,
    /// Whether it stands in a module, from which others come by `super`.
    in_module: bool,
    has_conditions: bool,
    /// Comments, derives and the like: they change nothing.
    above: String,
    below: String,
}

/// What there is to make a type of.
#[derive(Default)]
struct Names {
    types: Vec<String>,
    lengths: Vec<String>,
}

impl Names {
    fn of(definitions: &[Definition]) -> Self {
        let (lengths, types): (Vec<&Definition>, Vec<&Definition>) =
            definitions.iter().partition(|definition| matches!(definition.shape, Shape::Length(..)));
        let names = |of: Vec<&Definition>| of.iter().map(|definition| definition.name.clone()).collect();
        Self { types: names(types), lengths: names(lengths) }
    }
}

impl Type {
    fn random(rng: &mut Rng, depth: usize, names: &Names) -> Self {
        let plain = |rng: &mut Rng| Self::Plain(PLAIN[rng.usize(..PLAIN.len())]);
        if depth == 0 {
            return plain(rng);
        }
        let inner = |rng: &mut Rng| Box::new(Self::random(rng, depth - 1, names));
        match rng.u8(..12) {
            0..4 => plain(rng),
            4 | 5 => Self::Of(OF[rng.usize(..OF.len())], inner(rng)),
            6 => Self::Array(inner(rng), rng.usize(1..4)),
            7 => Self::Pair(inner(rng), inner(rng)),
            8 => Self::Map(inner(rng)),
            9 | 10 if !names.lengths.is_empty() => {
                Self::Long(inner(rng), names.lengths[rng.usize(..names.lengths.len())].clone())
            }
            _ => match names.types.is_empty() {
                true => plain(rng),
                false => Self::Named(names.types[rng.usize(..names.types.len())].clone()),
            },
        }
    }

    /// `path` is the way to the other definitions.
    fn text(&self, path: &str) -> String {
        let text = |inner: &Self| inner.text(path);
        match self {
            Self::Plain(name) => (*name).to_owned(),
            Self::Of(of, inner) => format!("{of}<{}>", text(inner)),
            Self::Array(inner, length) => format!("[{}; {length}]", text(inner)),
            Self::Pair(a, b) => format!("({}, {})", text(a), text(b)),
            Self::Map(inner) => format!("std::collections::BTreeMap<u8, {}>", text(inner)),
            Self::Named(name) => format!("{path}{name}"),
            Self::Long(inner, length) => format!("[{}; {path}{length}]", text(inner)),
        }
    }

    fn value(&self, rng: &mut Rng, all: &[Definition]) -> String {
        match self {
            Self::Plain(name) => match *name {
                "bool" => rng.bool().to_string(),
                "char" => format!("{:?}", ['a', 'é', '🦀'][rng.usize(..3)]),
                "String" => format!(r#"String::from("text {}")"#, rng.u16(..)),
                "&'static str" => format!("\"str {}\"", rng.u16(..)),
                "f32" | "f64" => format!("{}.25", rng.i16(..)),
                "u8" => rng.u8(..).to_string(),
                "i8" => rng.i8(..).to_string(),
                _ => rng.u16(..).to_string(),
            },
            Self::Of("Vec", inner) => format!("vec![{}, {}]", inner.value(rng, all), inner.value(rng, all)),
            Self::Of("Option", inner) => match rng.bool() {
                true => format!("Some({})", inner.value(rng, all)),
                false => "None".to_owned(),
            },
            Self::Of(of, inner) => format!("{of}::new({})", inner.value(rng, all)),
            Self::Array(inner, length) => inner.values(rng, all, *length),
            Self::Long(inner, length) => {
                let length = all.iter().find(|definition| definition.name == *length).unwrap();
                let Shape::Length(_, length) = length.shape else { panic!("{length:?}") };
                inner.values(rng, all, length)
            }
            Self::Pair(a, b) => format!("({}, {})", a.value(rng, all), b.value(rng, all)),
            Self::Map(inner) => format!("std::collections::BTreeMap::from([(1, {})])", inner.value(rng, all)),
            Self::Named(name) => all.iter().find(|definition| definition.name == *name).unwrap().value(rng, all),
        }
    }

    fn values(&self, rng: &mut Rng, all: &[Definition], length: usize) -> String {
        let values: Vec<String> = (0..length).map(|_| self.value(rng, all)).collect();
        format!("[{}]", values.join(", "))
    }
}

impl Definition {
    fn random(rng: &mut Rng, name: String, names: &Names) -> Self {
        let field = |rng: &mut Rng| Type::random(rng, 2, names);
        let shape = match rng.u8(..10) {
            0..4 => Shape::Record((0..rng.usize(1..4)).map(|index| (format!("f{index}"), field(rng))).collect()),
            4 | 5 => Shape::Tuple((0..rng.usize(1..4)).map(|_| field(rng)).collect()),
            6 => Shape::Enum(
                (0..rng.usize(1..4))
                    .map(|index| (format!("V{index}"), (0..rng.usize(..3)).map(|_| field(rng)).collect()))
                    .collect(),
            ),
            7 => Shape::Alias(field(rng)),
            _ => Shape::Length(
                [Computed::Plain, Computed::ConstFn, Computed::Static, Computed::Method, Computed::TraitConstant]
                    [rng.usize(..5)],
                rng.usize(1..4),
            ),
        };
        let (in_module, has_conditions) = (rng.u8(..3) == 0, rng.u8(..3) == 0);
        Self { name, shape, in_module, has_conditions, above: String::new(), below: String::new() }
    }

    /// The type of the variable that is made of it.
    fn of_variable(&self) -> String {
        match self.shape {
            Shape::Length(..) => format!("[u8; {}]", self.name),
            _ => self.name.clone(),
        }
    }

    fn text(&self) -> String {
        let Self { name, in_module, below, .. } = self;
        match in_module {
            false => format!("{}{below}\n", self.item("")),
            true => format!(
                "mod m_{name} {{ {} }}\nuse m_{name}::{{{name}, {name} as Of_{name}}};{below}\n",
                self.item("super::")
            ),
        }
    }

    fn item(&self, path: &str) -> String {
        let Self { name, shape, has_conditions, above, .. } = self;
        let list = |types: &[Type], before: &str| {
            types.iter().map(|of| format!("{before}{}", of.text(path))).collect::<Vec<_>>().join(", ")
        };
        let (holds, fails) = match has_conditions {
            true => ("#[cfg(all())] ", "#[cfg(any())] more: Missing, "),
            false => ("", ""),
        };
        let head = format!("{above}{holds}#[derive(Debug)]");
        match shape {
            Shape::Record(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, of)| format!("pub {name}: {}", of.text(path))).collect();
                format!("{head} pub struct {name} {{ {fails}{} }}", fields.join(", "))
            }
            Shape::Tuple(fields) => format!("{head} pub struct {name}({});", list(fields, "pub ")),
            Shape::Enum(variants) => {
                let variants: Vec<String> = variants
                    .iter()
                    .map(|(name, fields)| match fields.is_empty() {
                        true => name.clone(),
                        false => format!("{name}({})", list(fields, "")),
                    })
                    .collect();
                format!("{head} pub enum {name} {{ {} }}", variants.join(", "))
            }
            Shape::Alias(of) => format!("{above}{holds}pub type {name} = {};", of.text(path)),
            Shape::Length(computed, length) => {
                let (value, from) = match computed {
                    Computed::Plain => (length.to_string(), String::new()),
                    Computed::ConstFn => {
                        (format!("of_{name}_()"), format!(" const fn of_{name}_() -> usize {{ {length} }}"))
                    }
                    Computed::Static => (format!("*OF_{name}"), format!(" static OF_{name}: &usize = &{length};")),
                    Computed::Method => (
                        format!("Of{name}::length()"),
                        format!(" struct Of{name}; impl Of{name} {{ const fn length() -> usize {{ {length} }} }}"),
                    ),
                    Computed::TraitConstant => (
                        format!("<u8 as Of{name}>::LENGTH"),
                        format!(
                            " trait Of{name} {{ const LENGTH: usize = {{ {length} }}; }} impl Of{name} for u8 {{}}"
                        ),
                    ),
                };
                format!("{above}{holds}pub const {name}: usize = {value};{from}")
            }
        }
    }

    fn value(&self, rng: &mut Rng, all: &[Definition]) -> String {
        let list =
            |rng: &mut Rng, types: &[Type]| types.iter().map(|of| of.value(rng, all)).collect::<Vec<_>>().join(", ");
        match &self.shape {
            Shape::Record(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, of)| format!("{name}: {}", of.value(rng, all))).collect();
                format!("{} {{ {} }}", self.name, fields.join(", "))
            }
            Shape::Tuple(fields) => format!("{}({})", self.name, list(rng, fields)),
            Shape::Enum(variants) => {
                let (variant, fields) = &variants[rng.usize(..variants.len())];
                match fields.is_empty() {
                    true => format!("{}::{variant}", self.name),
                    false => format!("{}::{variant}({})", self.name, list(rng, fields)),
                }
            }
            Shape::Alias(of) => of.value(rng, all),
            Shape::Length(_, length) => Type::Plain("u8").values(rng, all, *length),
        }
    }

    /// Whether it is another definition by now.
    fn edit(&mut self, rng: &mut Rng, names: &Names) -> bool {
        if rng.u8(..5) == 0 {
            match rng.u8(..3) {
                0 => self.above = "/// Words.\n/* more */ ".to_owned(),
                1 => self.below = " // the end".to_owned(),
                _ => self.above = "#[allow(dead_code)] ".to_owned(),
            }
            return false;
        }
        let before = self.shape.clone();
        let field = |rng: &mut Rng| Type::random(rng, 2, names);
        match &mut self.shape {
            Shape::Record(fields) => match rng.u8(..5) {
                0 => fields.push(("more".to_owned(), field(rng))),
                1 => fields.rotate_left(1),
                2 if fields.len() > 1 => drop(fields.pop()),
                3 => fields[0].0.push('x'),
                _ => {
                    let at = rng.usize(..fields.len());
                    fields[at].1 = field(rng);
                }
            },
            Shape::Tuple(fields) => match rng.u8(..4) {
                0 => fields.push(field(rng)),
                1 => fields.rotate_left(1),
                _ => {
                    let at = rng.usize(..fields.len());
                    fields[at] = field(rng);
                }
            },
            Shape::Enum(variants) => match rng.u8(..4) {
                0 => variants.insert(0, ("First".to_owned(), vec![field(rng)])),
                1 => variants.rotate_left(1),
                _ => {
                    let at = rng.usize(..variants.len());
                    variants[at].1 = vec![field(rng)];
                }
            },
            Shape::Alias(of) => *of = field(rng),
            Shape::Length(_, length) => *length = rng.usize(1..4),
        }
        let text = |shape: &Shape| format!("{shape:?}");
        text(&before) != text(&self.shape)
    }
}

/// What has become of the values of one notebook.
#[derive(Debug, Default)]
struct Seen {
    same: usize,
    refused: usize,
    /// Refused although nothing of it was edited.
    needlessly: usize,
    others: Vec<String>,
}

fn notebook(host: &mut Host, rng: &mut Rng, variables: usize, seen: &mut Seen) {
    let mut all: Vec<Definition> = Vec::new();
    for index in 0..variables {
        let names = Names::of(&all);
        all.push(Definition::random(rng, format!("T{index}"), &names));
    }
    let text = |all: &[Definition]| all.iter().map(Definition::text).collect::<String>();
    host.cell_of("types", &text(&all)).ok();
    let mut lets = String::new();
    for (index, definition) in all.iter().enumerate() {
        let value = definition.value(rng, &all);
        lets.push_str(&format!("let v{index}: {} = {value};\n", definition.of_variable()));
    }
    host.cell(&lets).ok();
    let show = |index: usize| format!(r#"format!("{{v{index}:?}}")"#);
    let before: Vec<String> = (0..variables).map(|index| value(host, &show(index)).unwrap()).collect();

    let mut changed = vec![false; variables];
    for index in 0..variables {
        if rng.bool() {
            let names = Names::of(&all[..index]);
            changed[index] = all[index].edit(rng, &names);
        }
    }
    host.cell_of("types", &text(&all)).ok();
    for index in 0..variables {
        match value(host, &show(index)) {
            Ok(text) if text == before[index] => seen.same += 1,
            Err(name) if name == "TypeChanged" => {
                seen.refused += 1;
                seen.needlessly += usize::from(!is_changed(&all, &changed, index));
            }
            other => seen.others.push(format!("{} was {}, is {other:?}", all[index].text(), before[index])),
        }
    }
}

/// Whether its own definition or one that it mentions, at whatever depth, was edited.
fn is_changed(all: &[Definition], changed: &[bool], index: usize) -> bool {
    let text = all[index].text();
    let words: Vec<&str> = text.split(|char: char| !char.is_alphanumeric()).collect();
    changed[index] || (0..index).any(|other| words.contains(&&*all[other].name) && is_changed(all, changed, other))
}

/// What the cell shows, or the name of its error.
fn value(host: &mut Host, code: &str) -> Result<String, String> {
    let mut shown = String::new();
    let transcript = host.cell(code);
    match transcript.failure() {
        Some(error) => Err(error.ename.clone()),
        None => {
            transcript.display_with(|bundle| shown.clone_from(&bundle["text/plain"])).ok();
            Ok(shown)
        }
    }
}

#[test]
fn a_value_is_the_one_that_it_was_or_refused() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let edits = number("FERROBOOK_TYPE_EDITS").map_or(USUAL, |edits: u64| usize::try_from(edits).unwrap());
    let seed = number("FERROBOOK_SEED").unwrap_or(7);
    let mut rng = Rng::with_seed(seed);
    let mut host = Host::start();
    let mut seen = Seen::default();
    let mut left = edits;
    while left > 0 {
        let variables = left.min(MOST);
        notebook(&mut host, &mut rng, variables, &mut seen);
        host.cell(":clear").ok();
        left -= variables;
    }
    println!("seed {seed}, values {edits}: {} the same, {} refused", seen.same, seen.refused);
    assert_eq!(seen.others, Vec::<String>::new(), "seed {seed}");
    assert_eq!(seen.needlessly, 0, "seed {seed}");
    assert_eq!(seen.same + seen.refused, edits);
}

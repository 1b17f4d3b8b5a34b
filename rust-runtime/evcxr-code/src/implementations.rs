//! The implementations of traits, which have no name of their own.

use crate::layouts::{identifier, is_name, words};
use ra_ap_syntax::SyntaxNode;
use ra_ap_syntax::ast::{self, AstNode, HasGenericParams, HasName};

/// The implementation of a trait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implementation {
    /// The words of the trait's path, as it is spelled.
    path: Vec<String>,
    /// The words of the type.
    of: Vec<String>,
    /// See [`Self::family`].
    pub family: String,
    /// The words of its associated types.
    pub types: Vec<String>,
}

impl Implementation {
    pub fn of(item: &ast::Impl) -> Option<Self> {
        let mut path = words(item.trait_()?.syntax());
        if path.first().is_some_and(|word| word == "::") {
            path.remove(0);
        }
        let self_type = item.self_ty()?;
        let parts = item.assoc_item_list().into_iter().flat_map(|list| list.assoc_items());
        let types = parts.filter(|part| matches!(part, ast::AssocItem::TypeAlias(_)));
        let name = path.iter().take_while(|word| *word != "<").filter(|word| is_name(word)).last()?;
        Some(Self {
            family: format!("impl {name} for {}", head(item, &self_type).unwrap_or_else(|| ANY.to_owned())),
            of: words(self_type.syntax()),
            types: types.flat_map(|part| words(part.syntax())).collect(),
            path,
        })
    }

    /// Of an item, and of all that stands in it.
    pub fn all(node: &SyntaxNode) -> Vec<Self> {
        node.descendants().filter_map(ast::Impl::cast).filter_map(|item| Self::of(&item)).collect()
    }

    /// Whether there can be only one of the two: the same trait for the same type. A path may be spelled with fewer
    /// segments, but `fmt::Write` is never `io::Write`.
    pub fn is_same(&self, other: &Self) -> bool {
        let ends = |long: &[String], short: &[String]| {
            long.strip_suffix(short).is_some_and(|above| above.last().is_none_or(|word| word == "::"))
        };
        self.of == other.of && (ends(&self.path, &other.path) || ends(&other.path, &self.path))
    }

    /// What it says about types.
    pub fn association(&self) -> Vec<String> {
        [&*self.path, &self.of, &self.types].concat()
    }
}

/// Stands for a type that is not known by a name, such as that of `impl<T> Trait for T`.
const ANY: &str = "_";

/// Whether implementations of this family may be for whatever type.
pub fn is_for_any(family: &str) -> bool {
    family.ends_with(" _")
}

/// The name of the type without what stands around it: however it is spelled, it is this one.
fn head(item: &ast::Impl, self_type: &ast::Type) -> Option<String> {
    let ast::Type::PathType(path) = self_type else { return None };
    let name = path.path()?.segment()?.name_ref()?.to_string();
    let parameters = item.generic_param_list().into_iter().flat_map(|list| list.type_or_const_params());
    let mut parameters = parameters.filter_map(|parameter| match parameter {
        ast::TypeOrConstParam::Type(parameter) => parameter.name(),
        ast::TypeOrConstParam::Const(parameter) => parameter.name(),
    });
    (!parameters.any(|parameter| parameter.text() == name)).then(|| identifier(&name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::EDITION;
    use ra_ap_syntax::SourceFile;

    fn of(text: &str) -> Implementation {
        Implementation::all(SourceFile::parse(text, EDITION).tree().syntax()).remove(0)
    }

    #[test]
    fn a_path_may_be_spelled_in_several_ways() {
        let same = |a: &str, b: &str| of(&format!("impl {a} {{}}")).is_same(&of(&format!("impl {b} {{}}")));
        assert!(same("Write for W", "::std::fmt::Write for W"));
        assert!(same("fmt::Write for W", "std::fmt::Write for W"));
        assert!(same("From<u8> for W", "std::convert::From< u8 > for W"));
        assert!(!same("fmt::Write for W", "io::Write for W"));
        assert!(!same("From<u8> for W", "From<u16> for W"));
        assert!(!same("Write for W", "OtherWrite for W"));
        assert!(!same("Write for W", "Write for V"));
    }

    #[test]
    fn a_family_is_one_however_the_type_is_spelled() {
        let family = |text: &str| of(&format!("{text} {{}}")).family;
        assert_eq!(family("impl std::iter::Iterator for m::Numbers"), "impl Iterator for Numbers");
        assert_eq!(family("impl<T: Into<u8>> Add<std::io::Error> for Of<T>"), "impl Add for Of");
        assert_eq!(family("impl<T> Tr for T"), "impl Tr for _");
        assert!(is_for_any(&family("impl Tr for (u8, u8)")));
        assert!(!is_for_any(&family("impl Tr for _x")));
    }
}

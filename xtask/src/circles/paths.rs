//! The paths in the code of a module.

use proc_macro2::{Ident, TokenStream, TokenTree};
use std::collections::BTreeMap;
use syn::{
    Attribute, ImplItem, Item, ItemMod, ItemUse, Macro, TraitItem, UseTree, Visibility,
    visit::{self, Visit},
};

/// The paths and imports of a module, without its tests and the modules in it.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The paths, each with its line.
    pub(super) paths: Vec<(Vec<String>, usize)>,
    /// The names that the module imports, with their paths.
    pub(super) imports: BTreeMap<String, Vec<String>>,
}

/// Visits the items of a module.
pub(super) fn of(items: &[Item]) -> Found {
    let mut found = Found::default();
    for item in items {
        if let Item::Use(import) = item
            && !is_test(&import.attrs)
        {
            let mut names = Vec::new();
            flatten(&import.tree, &mut Vec::new(), &mut names);
            found.imports.extend(names.into_iter().map(|Leaf { name, path, .. }| (name, path)));
        }
        found.visit_item(item);
    }
    found
}

/// True for items that are compiled for tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = attribute.parse_args::<Ident>();
        attribute.path().is_ident("cfg") && condition.is_ok_and(|condition| condition == "test")
    })
}

/// Returns a name, without the `r#` of a raw one.
pub(super) fn text(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// A name that a `use` imports.
struct Leaf {
    name: String,
    path: Vec<String>,
    line: usize,
}

/// Collects the single imports of a `use`.
fn flatten(tree: &UseTree, above: &mut Vec<String>, leaves: &mut Vec<Leaf>) {
    let mut leaf = |ident: &Ident, name: String| {
        let mut path = above.clone();
        // `use a::{self}` imports `a`.
        let is_self = ident == "self" && !path.is_empty();
        let name = match path.last() {
            Some(last) if is_self && name == "self" => last.clone(),
            _ => name,
        };
        if !is_self {
            path.push(text(ident));
        }
        leaves.push(Leaf { name, path, line: ident.span().start().line });
    };
    match tree {
        UseTree::Name(one) => leaf(&one.ident, text(&one.ident)),
        UseTree::Rename(one) => leaf(&one.ident, text(&one.rename)),
        UseTree::Path(one) => {
            above.push(text(&one.ident));
            flatten(&one.tree, above, leaves);
            above.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|one| flatten(one, above, leaves)),
        UseTree::Glob(glob) => {
            let line = glob.star_token.spans[0].start().line;
            leaves.push(Leaf { name: "*".to_owned(), path: above.clone(), line });
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let is_of_tests = matches!(item, ImplItem::Fn(method) if is_test(&method.attrs));
        if !is_of_tests {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let is_of_tests = matches!(item, TraitItem::Fn(method) if is_test(&method.attrs));
        if !is_of_tests {
            visit::visit_trait_item(self, item);
        }
    }

    /// Skips a child, which is a module of its own.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    /// Skips `pub(in crate::plan)`, which is not a use of `plan`.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        if import.leading_colon.is_some() {
            return;
        }
        let mut leaves = Vec::new();
        flatten(&import.tree, &mut Vec::new(), &mut leaves);
        self.paths.extend(leaves.into_iter().map(|Leaf { path, line, .. }| (path, line)));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path.segments.first().filter(|_| path.leading_colon.is_none());
        if let Some(first) = first.filter(|first| leads_upwards(&first.ident)) {
            let names = path.segments.iter().map(|segment| text(&segment.ident)).collect();
            self.paths.push((names, first.ident.span().start().line));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        self.visit_path(&invoked.path);
        self.tokens(invoked.tokens.clone());
    }
}

impl Found {
    /// Finds paths in unparsed code, such as the input of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) if leads_upwards(&first) => {
                    let mut names = vec![text(&first)];
                    while let Some(TokenTree::Punct(colon)) = tokens.peek() {
                        if colon.as_char() != ':' {
                            break;
                        }
                        tokens.next();
                        if let Some(TokenTree::Ident(ident)) = tokens.peek() {
                            names.push(text(ident));
                            tokens.next();
                        }
                    }
                    self.paths.push((names, first.span().start().line));
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

/// True for the first name of a path into the crate. A path that starts with another name starts
/// with an import, which is counted itself, or with a child.
fn leads_upwards(ident: &Ident) -> bool {
    ["crate", "self", "super"].iter().any(|word| ident == word)
}

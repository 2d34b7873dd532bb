//! The modules of a crate, found by `mod`.

use super::{
    Place,
    paths::{self, Found},
};
use anyhow::Context;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use syn::{Expr, Item, ItemMod, Lit, Meta, MetaNameValue, Token, punctuated::Punctuated};

/// The maximum number of consecutive re-exports of a name that are followed.
const MAX_HOPS: usize = 8;

/// The names that lead to a module from the crate's root.
type Name = Vec<String>;

/// The modules of a crate, without its tests.
#[derive(Debug, Default)]
pub(super) struct Crate {
    /// Most have one file; those with a file per feature have several.
    modules: BTreeMap<Name, Vec<Module>>,
}

#[derive(Debug)]
struct Module {
    file: PathBuf,
    found: Found,
}

/// A function that reads files.
type Read<'a> = &'a dyn Fn(&Path) -> Option<String>;

impl Crate {
    /// Reads a crate, beginning with the file of its root.
    ///
    /// # Errors
    ///
    /// When a file is missing or does not parse.
    pub(super) fn read(root: &Path, read: Read<'_>) -> anyhow::Result<Self> {
        let mut source = Self::default();
        let folder = root.parent().unwrap_or(root).to_owned();
        source.add_file(Vec::new(), root, &folder, read)?;
        Ok(source)
    }

    /// Adds the module in a file, and those that it declares. `folder` has their files.
    fn add_file(
        &mut self,
        name: Name,
        file: &Path,
        folder: &Path,
        read: Read<'_>,
    ) -> anyhow::Result<()> {
        let text = read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let parsed =
            syn::parse_file(&text).with_context(|| format!("cannot parse {}", file.display()))?;
        self.add(name, file, folder, &parsed.items, read)
    }

    fn add(
        &mut self,
        name: Name,
        file: &Path,
        folder: &Path,
        items: &[Item],
        read: Read<'_>,
    ) -> anyhow::Result<()> {
        for item in items {
            let Item::Mod(child) = item else { continue };
            if paths::is_test(&child.attrs) {
                continue;
            }
            let ident = paths::text(&child.ident);
            let child_name = [name.as_slice(), std::slice::from_ref(&ident)].concat();
            let own_folder = folder.join(&ident);
            if let Some((_, items)) = &child.content {
                self.add(child_name, file, &own_folder, items, read)?;
                continue;
            }
            let named = files_of(child);
            if named.is_empty() {
                let beside = folder.join(format!("{ident}.rs"));
                let within = own_folder.join("mod.rs");
                let path = if read(&beside).is_some() { beside } else { within };
                self.add_file(child_name, &path, &own_folder, read)?;
                continue;
            }
            for path in named {
                let path = file.parent().unwrap_or(file).join(path);
                let beside = path.parent().unwrap_or(&path);
                self.add_file(child_name.clone(), &path, beside, read)?;
            }
        }
        let found = paths::of(items);
        self.modules.entry(name).or_default().push(Module { file: file.to_owned(), found });
        Ok(())
    }

    /// Returns every use of one module by another: their names, and the place.
    pub(super) fn uses(&self) -> Vec<(&Name, Name, Place)> {
        let mut uses = Vec::new();
        for (from, modules) in &self.modules {
            for Module { file, found } in modules {
                for (path, line) in &found.paths {
                    let place = Place { file: file.clone(), line: *line };
                    let targets = self.resolve(from, path, MAX_HOPS);
                    uses.extend(targets.into_iter().map(|to| (from, to, place.clone())));
                }
            }
        }
        uses
    }

    /// Returns the modules that a path leads to: the one that contains its last name, and others
    /// through re-exports.
    fn resolve(&self, from: &[String], path: &[String], hops: usize) -> Vec<Name> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let (mut at, mut rest) = match first.as_str() {
            "crate" => (Vec::new(), rest),
            "self" => (from.to_vec(), rest),
            "super" => (parent(from), rest),
            _ => {
                let child = [from, std::slice::from_ref(first)].concat();
                if self.modules.contains_key(&child) {
                    (child, rest)
                } else {
                    // A name that another `use` imports, or a crate.
                    let Some(target) = self.binding(from, first).filter(|_| hops > 0) else {
                        return Vec::new();
                    };
                    return self.resolve(from, &[target, rest].concat(), hops - 1);
                }
            }
        };
        while let Some((next, tail)) = rest.split_first() {
            let child = [at.as_slice(), std::slice::from_ref(next)].concat();
            if next == "super" {
                at.pop();
            } else if self.modules.contains_key(&child) {
                at = child;
            } else {
                let target = self.binding(&at, next).filter(|_| hops > 0);
                let more =
                    target.map(|target| self.resolve(&at, &[target, tail].concat(), hops - 1));
                return [vec![at], more.unwrap_or_default()].concat();
            }
            rest = tail;
        }
        vec![at]
    }

    /// Returns the path of a name that a module imports.
    fn binding(&self, module: &[String], name: &str) -> Option<&[String]> {
        let mut modules = self.modules.get(module)?.iter();
        let path = modules.find_map(|module| module.found.imports.get(name))?.as_slice();
        // `use name;` of a crate leads to itself.
        (path != [name]).then_some(path)
    }
}

fn parent(name: &[String]) -> Name {
    name.split_last().map(|(_, parent)| parent.to_vec()).unwrap_or_default()
}

/// Returns the files in `#[path = "…"]` attributes, also within a `#[cfg_attr(…)]`.
fn files_of(module: &ItemMod) -> Vec<String> {
    let metas = module.attrs.iter().flat_map(|attribute| {
        if !attribute.path().is_ident("cfg_attr") {
            return vec![attribute.meta.clone()];
        }
        let parts = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        parts.into_iter().flatten().skip(1).collect()
    });
    let text = |meta: Meta| match meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(literal), .. })
            if path.is_ident("path") =>
        {
            match literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            }
        }
        _ => None,
    };
    metas.filter_map(text).collect()
}

//! The parts of a module that a script uses: the declarations of the names that it imports, the
//! dependencies of those, and the module's side effects when it is loaded.
//!
//! A statement that only declares (`export const TABLES = { … }`) counts if a name that it declares
//! is needed. A statement with side effects always counts: it may change anything. In between are
//! calls of packages (`export const orders = dynamoTable(…)`): packages can access the project's
//! own values only as arguments, so such calls count if they mention a needed name. Names are not
//! resolved by scope: a name that is mentioned anywhere in a statement is needed, which includes
//! too much at worst.

mod acts;
mod need;
mod syntax;

pub(super) use need::{Need, Wanted};

use super::imports;
use acts::{Acts, acts};
use mizzle_js::ModuleKind;
use need::{add, mention};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use syntax::{declared, identifier, kind, name};

/// The local name of `export default …`.
const DEFAULT: &str = "default";

/// An import of a module: its specifier, the kind of import, and the wanted exports.
pub(super) type Request = (String, ModuleKind, Wanted);

/// The used parts of a module.
pub(super) struct Used {
    /// The statements that count; `None` if all do.
    pub(super) statements: Option<Vec<Value>>,
    /// The definitions of needed names outside of these statements: the exports and imports.
    pub(super) bindings: Vec<String>,
    /// The imports of the used parts.
    pub(super) requests: Vec<Request>,
}

/// A statement at the top level.
struct Statement<'t> {
    node: &'t Value,
    /// The names that the statement declares.
    declares: BTreeSet<String>,
    /// The names that the statement mentions, and the needed parts of their values.
    mentions: BTreeMap<String, Need>,
    acts: Acts,
}

/// A module, statement by statement.
#[derive(Default)]
struct Module<'t> {
    statements: Vec<Statement<'t>>,
    /// The imports by local name: the specifier, and the export, or `None` for all of them.
    imports: BTreeMap<String, (String, Option<String>)>,
    /// Local names by the names that they are exported under.
    exports: BTreeMap<String, String>,
    /// Re-exports of other modules, by their exported names; `None` for the whole module.
    passed_on: Vec<(String, String, Option<String>)>,
    /// The modules all of whose exports are re-exported.
    stars: Vec<String>,
    /// The modules that are loaded.
    loaded: BTreeSet<String>,
    /// The local names of imports from packages.
    packages: BTreeSet<String>,
}

/// Returns the parts of a module that count for the wanted exports. `is_package` is true if a
/// specifier leads out of the project.
pub(super) fn of(tree: &Value, wanted: &Wanted, is_package: impl Fn(&str) -> bool) -> Used {
    let names = match wanted {
        Wanted::Names(names) if is_module(tree) => names,
        Wanted::Names(_) | Wanted::All => return whole(tree),
    };
    let module = Module::of(tree, is_package);
    let mut requests: Vec<Request> = module
        .loaded
        .iter()
        .map(|specifier| (specifier.clone(), ModuleKind::Import, Wanted::loaded()))
        .collect();
    let mut needed: BTreeMap<String, Need> = BTreeMap::new();
    let mut bindings = Vec::new();
    for (name, need) in names {
        if let Some(local) = module.exports.get(name) {
            bindings.push(format!("export {local} as {name}"));
            add(&mut needed, local, need);
        } else if let Some((_, specifier, imported)) =
            module.passed_on.iter().find(|(exported, ..)| exported == name)
        {
            let imported_name = imported.as_deref().unwrap_or("*");
            bindings.push(format!("export {imported_name} of {specifier} as {name}"));
            requests.push((
                specifier.clone(),
                ModuleKind::Import,
                of_import(imported.as_ref(), need),
            ));
        } else {
            let stars = module.stars.iter();
            requests.extend(stars.map(|specifier| {
                (specifier.clone(), ModuleKind::Import, Wanted::name(name, need))
            }));
        }
    }
    let counted = module.counted(&mut needed);
    for (local, need) in &needed {
        if let Some((specifier, imported)) = module.imports.get(local) {
            let imported_name = imported.as_deref().unwrap_or("*");
            bindings.push(format!("import {imported_name} of {specifier} as {local}"));
            requests.push((
                specifier.clone(),
                ModuleKind::Import,
                of_import(imported.as_ref(), need),
            ));
        }
    }
    let statements = module.statements.iter().zip(&counted).filter(|(_, counts)| **counts);
    let mut kept = Vec::new();
    for (statement, _) in statements {
        requests.extend(within(statement.node));
        kept.push(narrowed(statement.node, &needed));
    }
    Used { statements: Some(kept), bindings, requests }
}

/// Returns a whole module.
fn whole(tree: &Value) -> Used {
    let mut requests = Vec::new();
    let module = Module::of(tree, |_| false);
    requests.extend(
        module
            .loaded
            .iter()
            .map(|specifier| (specifier.clone(), ModuleKind::Import, Wanted::loaded())),
    );
    let mut needed = BTreeMap::new();
    for statement in &module.statements {
        statement.mentions.iter().for_each(|(name, need)| add(&mut needed, name, need));
        requests.extend(within(statement.node));
    }
    for local in module.exports.values() {
        add(&mut needed, local, &Need::Whole);
    }
    for (local, need) in &needed {
        if let Some((specifier, imported)) = module.imports.get(local) {
            requests.push((
                specifier.clone(),
                ModuleKind::Import,
                of_import(imported.as_ref(), need),
            ));
        }
    }
    for (_, specifier, imported) in &module.passed_on {
        let wanted = of_import(imported.as_ref(), &Need::Whole);
        requests.push((specifier.clone(), ModuleKind::Import, wanted));
    }
    requests.extend(
        module.stars.iter().map(|specifier| (specifier.clone(), ModuleKind::Import, Wanted::All)),
    );
    Used { statements: None, bindings: Vec::new(), requests }
}

/// Returns the wanted exports of a module for a needed import: one export or, without a name, all
/// of them as an object.
fn of_import(imported: Option<&String>, need: &Need) -> Wanted {
    match (imported, need) {
        (Some(name), need) => Wanted::name(name, need),
        (None, Need::Whole) => Wanted::All,
        (None, Need::Members(names)) => {
            Wanted::Names(names.iter().map(|name| (name.clone(), Need::Whole)).collect())
        }
    }
}

/// Returns the imports of a statement at run time: `import(…)` and `require(…)`.
fn within(statement: &Value) -> impl Iterator<Item = Request> {
    let is_static = kind(statement).is_some_and(|kind| {
        matches!(kind, "ImportDeclaration" | "ExportAllDeclaration")
            || kind == "ExportNamedDeclaration"
                && statement.get("source").is_some_and(|source| !source.is_null())
    });
    let requests = if is_static { imports::Imports::new() } else { imports::of(statement) };
    requests.into_iter().map(|(specifier, manner)| (specifier, manner, Wanted::All))
}

/// True if a tree is a module whose exports are known from its text: it uses `import` or `export`,
/// and no construct that accesses names as text.
fn is_module(tree: &Value) -> bool {
    let body = tree.get("body").and_then(Value::as_array);
    let is_declaration = |statement: &Value| {
        kind(statement).is_some_and(|kind| kind.starts_with("Import") || kind.starts_with("Export"))
    };
    body.is_some_and(|body| body.iter().any(is_declaration)) && !reaches_names(tree)
}

fn reaches_names(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(reaches_names),
        Value::Object(node) => {
            let is_eval = kind(value) == Some("CallExpression")
                && value.get("callee").and_then(identifier) == Some("eval");
            is_eval || kind(value) == Some("WithStatement") || node.values().any(reaches_names)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

impl<'t> Module<'t> {
    fn of(tree: &'t Value, is_package: impl Fn(&str) -> bool) -> Self {
        let mut module = Self::default();
        let body = tree.get("body").and_then(Value::as_array).into_iter().flatten();
        let body: Vec<&Value> = body.collect();
        for statement in &body {
            module.read_imports(statement);
        }
        module.packages = module
            .imports
            .iter()
            .filter(|(_, (specifier, _))| is_package(specifier))
            .map(|(local, _)| local.clone())
            .collect();
        let mut statements = Vec::new();
        let mut exports = BTreeMap::new();
        for statement in body {
            let declaration = match kind(statement) {
                Some("ImportDeclaration" | "ExportAllDeclaration") => continue,
                Some("ExportNamedDeclaration") => {
                    let inner = statement.get("declaration").filter(|inner| !inner.is_null());
                    let Some(inner) = inner else { continue };
                    let names = declared(inner);
                    exports.extend(names.into_iter().map(|name| (name.clone(), name)));
                    inner
                }
                Some("ExportDefaultDeclaration") => {
                    exports.insert(DEFAULT.to_owned(), DEFAULT.to_owned());
                    statement.get("declaration").unwrap_or(statement)
                }
                _ => statement,
            };
            let mut declares = declared(declaration);
            if kind(statement) == Some("ExportDefaultDeclaration") {
                declares.insert(DEFAULT.to_owned());
            }
            let mut mentions = BTreeMap::new();
            mention(declaration, &mut mentions);
            // The declaration of a name is not a use of it.
            mentions.retain(|name, _| !declares.contains(name));
            statements.push(Statement {
                node: statement,
                acts: acts(declaration, &module.packages),
                declares,
                mentions,
            });
        }
        module.statements = statements;
        module.exports.extend(exports);
        module
    }

    /// Records the imports of a statement, and its exports by name.
    fn read_imports(&mut self, statement: &Value) {
        let source = statement.get("source").and_then(|source| source.get("value"));
        let source = source.and_then(Value::as_str);
        let specifiers =
            statement.get("specifiers").and_then(Value::as_array).into_iter().flatten();
        match (kind(statement), source) {
            (Some("ImportDeclaration"), Some(source)) => {
                self.loaded.insert(source.to_owned());
                for specifier in specifiers {
                    let Some(local) = specifier.get("local").and_then(name) else { continue };
                    let imported = match kind(specifier) {
                        Some("ImportNamespaceSpecifier") => None,
                        Some("ImportDefaultSpecifier") => Some(DEFAULT.to_owned()),
                        _ => specifier.get("imported").and_then(name).map(str::to_owned),
                    };
                    self.imports.insert(local.to_owned(), (source.to_owned(), imported));
                }
            }
            (Some("ExportAllDeclaration"), Some(source)) => {
                self.loaded.insert(source.to_owned());
                match statement.get("exported").and_then(name) {
                    Some(exported) => {
                        self.passed_on.push((exported.to_owned(), source.to_owned(), None));
                    }
                    None => self.stars.push(source.to_owned()),
                }
            }
            (Some("ExportNamedDeclaration"), source) => {
                self.loaded.extend(source.map(str::to_owned));
                for specifier in specifiers {
                    let local = specifier.get("local").and_then(name);
                    let exported = specifier.get("exported").and_then(name);
                    let (Some(local), Some(exported)) = (local, exported) else { continue };
                    match source {
                        Some(source) => self.passed_on.push((
                            exported.to_owned(),
                            source.to_owned(),
                            Some(local.to_owned()),
                        )),
                        None => {
                            self.exports.insert(exported.to_owned(), local.to_owned());
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Determines the statements that count, and adds their dependencies to `needed`.
    fn counted(&self, needed: &mut BTreeMap<String, Need>) -> Vec<bool> {
        let mut counted = vec![false; self.statements.len()];
        loop {
            let mut is_settled = true;
            for (statement, counts) in self.statements.iter().zip(&mut counted) {
                let is_needed = |name: &String| needed.contains_key(name);
                let joins = !*counts
                    && (statement.declares.iter().any(is_needed)
                        || match statement.acts {
                            Acts::Not => false,
                            Acts::OnWhatItMentions => self.mentions_own(statement, needed),
                            Acts::Freely => true,
                        });
                if joins {
                    *counts = true;
                    is_settled = false;
                    for (name, need) in &statement.mentions {
                        // A function that receives a value may change any part of it.
                        let need = if statement.acts == Acts::Not { need } else { &Need::Whole };
                        add(needed, name, need);
                    }
                }
            }
            if is_settled {
                return counted;
            }
        }
    }

    /// True if a statement mentions a needed value of the project, other than the package that it
    /// calls.
    fn mentions_own(&self, statement: &Statement<'_>, needed: &BTreeMap<String, Need>) -> bool {
        let is_own = |name: &String| {
            self.statements.iter().any(|statement| statement.declares.contains(name))
                || self.imports.contains_key(name) && !self.packages.contains(name)
        };
        let mut mentions = statement.mentions.keys();
        mentions.any(|name| needed.contains_key(name) && is_own(name))
    }
}

/// Reduces a statement to its needed parts: if only some plain properties of a constant object are
/// read, to those.
fn narrowed(statement: &Value, needed: &BTreeMap<String, Need>) -> Value {
    let path: &[&str] = match kind(statement) {
        Some("ExportNamedDeclaration") => &["declaration"],
        _ => &[],
    };
    let declaration = path.iter().try_fold(statement, |node, field| node.get(field));
    let members = declaration.and_then(|declaration| {
        let (name, properties) = plain_object(declaration)?;
        match needed.get(name)? {
            Need::Members(members) => Some((properties, members)),
            Need::Whole => None,
        }
    });
    let Some((properties, members)) = members else { return statement.clone() };
    let kept: Vec<Value> = properties
        .iter()
        .filter(|property| {
            property.get("key").and_then(name).is_some_and(|key| members.contains(key))
        })
        .cloned()
        .collect();
    let mut narrowed = statement.clone();
    let declaration = path.iter().try_fold(&mut narrowed, |node, field| node.get_mut(field));
    let object = declaration
        .and_then(|declaration| declaration.get_mut("declarations")?.get_mut(0)?.get_mut("init"))
        .and_then(|init| init.get_mut("properties"));
    if let Some(properties) = object {
        *properties = Value::Array(kept);
    }
    narrowed
}

/// Returns the name and the properties of `const name = { … }`, if each property has its own name
/// and a value that does not use the others.
fn plain_object(declaration: &Value) -> Option<(&str, &Vec<Value>)> {
    if declaration.get("kind")?.as_str()? != "const" {
        return None;
    }
    let [declarator] = declaration.get("declarations")?.as_array()?.as_slice() else { return None };
    let name = identifier(declarator.get("id")?)?;
    let init = declarator.get("init")?;
    if kind(init)? != "ObjectExpression" {
        return None;
    }
    let properties = init.get("properties")?.as_array()?;
    let is_plain = |property: &Value| {
        let flag = |field: &str| property.get(field).and_then(Value::as_bool) == Some(true);
        kind(property) == Some("Property")
            && property.get("kind").and_then(Value::as_str) == Some("init")
            && !flag("computed")
            && !flag("method")
            && property.get("key").and_then(self::name).is_some_and(|key| key != "__proto__")
            && property.get("value").is_some_and(|value| !mentions_this(value))
    };
    properties.iter().all(is_plain).then_some((name, properties))
}

fn mentions_this(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(mentions_this),
        Value::Object(node) => {
            matches!(kind(value), Some("ThisExpression" | "Super"))
                || node.values().any(mentions_this)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

//! Loads modules for the engine: names from the graph, code from files or generated here.

use super::INTERNAL;
use super::faults::HostErrors;
use crate::extension::Activity;
use crate::graph::{Graph, ModuleId, ModuleKind, is_data};
use crate::transpile::Format;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::{Ctx, Error, Function, Module, Object, Persistent, Result};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// The module with the builtins that our modules use instead of the global ones, which the
/// evaluated code may have replaced.
const PRIMORDIALS: &str = "primordials";
/// The exports of that module.
const SAFE_GLOBALS: &str = "Array,JSON,Object,Reflect,String,TypeError";

/// An object of the engine: `None` before it is created and after the engine is freed.
pub(super) type Kept = Rc<RefCell<Option<Persistent<Object<'static>>>>>;

/// The engine's view of the graph.
#[derive(Clone)]
pub(super) struct Modules {
    pub(super) graph: Arc<Graph>,
    pub(super) faults: Rc<HostErrors>,
    pub(super) activity: &'static Activity,
    /// The prelude's object.
    pub(super) internal: Kept,
    /// The object of the realm in which results are read.
    pub(super) reader: Kept,
    /// True while a module of ours is declared under the name of a file.
    pub(super) declaring: Rc<Cell<bool>>,
}

fn restored<'js>(kept: &Kept, ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let kept = kept.borrow().clone();
    kept.ok_or(Error::Unknown)?.restore(ctx)
}

impl Resolver for Modules {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        // `require` imports modules in the caller's name, but by their ids.
        let is_id = match ModuleId::parse(name) {
            ModuleId::Wrapped(_) => true,
            ModuleId::Own(own) => self.graph.extension().module(&own).is_some(),
            ModuleId::File(_) | ModuleId::Node(_) | ModuleId::StandIn(_) => false,
        };
        if is_id {
            return Ok(name.to_owned());
        }
        let from = match ModuleId::parse(base) {
            // The generated module of a CommonJS or JSON file has the name of the file.
            // Imports by the file's own code come at another time, and do not resolve to it.
            ModuleId::File(_) if name == INTERNAL && self.declaring.get() => {
                return Ok(name.to_owned());
            }
            ModuleId::File(path) if !base.is_empty() => path,
            // Our modules import each other like files of a folder.
            ModuleId::Own(own) if name.starts_with("./") => {
                return Ok(ModuleId::Own(neighbour(&own, name)).to_string());
            }
            // The host (without a base) and our code use the engine's names for modules.
            ModuleId::File(_)
            | ModuleId::Node(_)
            | ModuleId::StandIn(_)
            | ModuleId::Wrapped(_)
            | ModuleId::Own(_) => {
                return Ok(name.to_owned());
            }
        };
        let known = self.graph.known(&from).and_then(|file| file.links.get(name).cloned());
        let found = known.unwrap_or_else(|| {
            // A computed specifier: its target is crawled when it is loaded.
            self.graph.resolve(&from, name, ModuleKind::Import)
        });
        match found {
            Ok(target) => Ok(target.id.to_string()),
            Err(unresolved) => {
                let location = self.graph.request_location(&from, name);
                let error = self.graph.missing_module(&unresolved, location);
                Err(self.faults.throw(ctx, error, "ERR_MODULE_NOT_FOUND"))
            }
        }
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js>> {
        let id = ModuleId::parse(name);
        match &id {
            ModuleId::File(path) if is_data(path) => {
                let value = format!("internal.json({})", literal(name));
                self.declare(ctx, name, &value, &BTreeSet::new())
            }
            ModuleId::File(path) => self.load_file(ctx, name, path),
            ModuleId::Node(module) => {
                let internal = self.internal(ctx)?;
                let names: Function<'_> = internal.get("nodeNames")?;
                let Some(names) = names.call::<_, Option<Vec<String>>>((module.as_str(),))? else {
                    return Err(self.faults.throw_missing_node_module(ctx, module, self.activity));
                };
                let mut names: BTreeSet<String> = names.into_iter().collect();
                names.extend(self.graph.wanted(&id));
                self.declare(ctx, name, &format!("internal.node({})", literal(module)), &names)
            }
            ModuleId::StandIn(module) => {
                let internal = self.internal(ctx)?;
                let known: Function<'_> = internal.get("standInNames")?;
                let known: Vec<String> = known.call((module.as_str(),))?;
                let mut names: BTreeSet<String> = known.into_iter().collect();
                names.extend(self.graph.wanted(&id));
                // An object that has every member that is read.
                let value = format!("internal.standIn({})", literal(module));
                self.declare(ctx, name, &value, &names)
            }
            ModuleId::Wrapped(path) => {
                let own_default = self
                    .graph
                    .file(path, None)
                    .unit
                    .as_ref()
                    .is_ok_and(|unit| unit.format == Format::CommonJs || unit.has_default);
                let real = literal(&path.to_string_lossy());
                let default = match own_default {
                    true => format!("export{{default}}from{real};"),
                    false => String::new(),
                };
                let code = self.graph.extension().wrapper(&real, &default);
                Module::declare(ctx.clone(), name, code)
            }
            ModuleId::Own(own) if own == PRIMORDIALS => {
                let code = format!(
                    "import{{internal}}from\"{INTERNAL}\";\
                     export const{{{SAFE_GLOBALS}}}=internal.primordials;"
                );
                Module::declare(ctx.clone(), name, code)
            }
            ModuleId::Own(own) => match self.graph.extension().module(own) {
                // In front of the comment that every file begins with, to keep the line numbers.
                Some(code) => {
                    let code =
                        format!("import{{{SAFE_GLOBALS}}}from\"mizzle:{PRIMORDIALS}\";{code}");
                    Module::declare(ctx.clone(), name, code)
                }
                None => Err(Error::new_loading(name)),
            },
        }
    }
}

impl Modules {
    /// Returns the prelude's object.
    pub(super) fn internal<'js>(&self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        restored(&self.internal, ctx)
    }

    /// Returns the object of the realm in which results are read.
    pub(super) fn reader<'js>(&self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        restored(&self.reader, ctx)
    }

    /// Declares a module from a value: the value is the default export, its members are the others.
    fn declare<'js>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
        value: &str,
        names: &BTreeSet<String>,
    ) -> Result<Module<'js>> {
        let mut code = format!("import{{internal}}from\"{INTERNAL}\";const value={value};");
        code += "export default value;";
        let names = names.iter().filter(|name| *name != "default" && is_identifier(name));
        for (index, name) in names.enumerate() {
            // Writing to a string does not fail.
            let _ = write!(code, "const _{index}=value?.{name};export{{_{index} as {name}}};");
        }
        self.declaring.set(true);
        let module = Module::declare(ctx.clone(), name, code);
        self.declaring.set(false);
        module
    }

    fn load_file<'js>(&self, ctx: &Ctx<'js>, name: &str, path: &Path) -> Result<Module<'js>> {
        let file = self.graph.file(path, None);
        let unit = match &file.unit {
            Ok(unit) => unit,
            Err(error) => return Err(self.faults.throw(ctx, error.clone(), "ERR_MODULE_SYNTAX")),
        };
        if unit.format == Format::CommonJs {
            let names = self.graph.commonjs_names(path);
            return self.declare(
                ctx,
                name,
                &format!("internal.commonjs({})", literal(name)),
                &names,
            );
        }
        let code = unit.code.as_deref().unwrap_or(&file.text);
        let module = Module::declare(ctx.clone(), name, code)?;
        let meta: Object<'_> = module.meta()?;
        meta.set("url", url::Url::from_file_path(path).map(String::from).unwrap_or_default())?;
        meta.set("filename", name)?;
        meta.set("dirname", path.parent().unwrap_or(path).to_string_lossy().into_owned())?;
        meta.set("main", false)?;
        let base = path.to_path_buf();
        let modules = self.clone();
        meta.set(
            "resolve",
            Function::new(ctx.clone(), move |ctx: Ctx<'_>, specifier: String| {
                modules.import_meta_resolve(&ctx, &base, &specifier)
            })?,
        )?;
        Ok(module)
    }

    fn import_meta_resolve(&self, ctx: &Ctx<'_>, from: &Path, specifier: &str) -> Result<String> {
        match self.graph.resolve(from, specifier, ModuleKind::Import) {
            Ok(target) => Ok(match target.id.file() {
                Some(path) => url::Url::from_file_path(path).map(String::from).unwrap_or_default(),
                None => target.id.to_string(),
            }),
            Err(unresolved) => {
                let error = self.graph.missing_module(&unresolved, None);
                Err(self.faults.throw(ctx, error, "ERR_MODULE_NOT_FOUND"))
            }
        }
    }
}

/// Resolves an import like `./b.js` in the module `folder/a`.
fn neighbour(own: &str, name: &str) -> String {
    let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = name.trim_start_matches("./").trim_end_matches(".js");
    format!("{folder}/{name}")
}

/// Quotes a text as a JavaScript string literal.
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
}

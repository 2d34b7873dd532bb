//! The functions of the host: reading files, digests, URLs, time. None of them writes.

mod crypto;
mod files;
mod text;
mod urls;

use super::loader::Modules;
use super::prelude;
use crate::error::{EvalError, EvalErrorKind, cut};
use crate::extension::Extension;
use crate::graph::{ModuleId, ModuleKind, is_data};
use crate::options::Options;
use crate::transpile::{COMMONJS_HEAD, Format};
use rquickjs::context::EvalOptions;
use rquickjs::function::{Func, IntoJsFunc};
use rquickjs::{Ctx, Exception, Function, Module, Object, Result, Value};
use std::path::Path;
use std::time::Instant;

/// The longest text that the evaluated code may print at once, in bytes.
pub(super) const MAX_LINE: usize = 16 << 10;

/// Creates the prelude's `host` object.
pub(super) fn object<'js>(
    ctx: &Ctx<'js>,
    options: &Options,
    modules: &Modules,
) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    host.set("cwd", options.working_directory.to_string_lossy().into_owned())?;
    let environment: Vec<Vec<&String>> =
        options.environment.iter().map(|(name, value)| vec![name, value]).collect();
    host.set("environment", environment)?;
    host.set("activity", modules.activity.phrase)?;
    // Undefined unless a function with calls runs.
    host.set("methods", modules.activity.methods())?;
    host.set("standIns", modules.graph.extension().stand_ins())?;
    host.set("platform", platform())?;
    host.set("arch", architecture())?;

    let start = Instant::now();
    set(&host, "now", move || start.elapsed().as_secs_f64() * 1e3)?;
    let console = options.console.clone();
    set(&host, "print", move |line: String| console(&cut(line, MAX_LINE)))?;
    let extension = modules.graph.extension();
    set(&host, "script", move |ctx: Ctx<'js>, name: String| script(&ctx, extension, &name))?;

    add_modules(&host, modules)?;
    text::add(&host)?;
    urls::add(&host)?;
    crypto::add(&host)?;
    files::add(&host)?;
    Ok(host)
}

/// Creates the `host` object of the realm in which results are read.
pub(super) fn reader_object<'js>(
    ctx: &Ctx<'js>,
    extension: &'static dyn Extension,
) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let start = Instant::now();
    set(&host, "now", move || start.elapsed().as_secs_f64() * 1e3)?;
    set(&host, "script", move |ctx: Ctx<'js>, name: String| script(&ctx, extension, &name))?;
    Ok(host)
}

fn set<'js, P, F: IntoJsFunc<'js, P> + 'js>(
    host: &Object<'js>,
    name: &str,
    function: F,
) -> Result<()> {
    host.set(name, Func::new(function))
}

/// Evaluates a script of the prelude to its function.
pub(super) fn script<'js>(
    ctx: &Ctx<'js>,
    extension: &dyn Extension,
    name: &str,
) -> Result<Function<'js>> {
    let Some(text) = prelude::script(name).or_else(|| extension.part(name)) else {
        return Err(Exception::throw_message(ctx, &format!("the prelude has no part \"{name}\"")));
    };
    let mut options = EvalOptions::default();
    options.filename = Some(format!("mizzle:{name}"));
    ctx.eval_with_options(text, options)
}

fn add_modules<'js>(host: &Object<'js>, modules: &Modules) -> Result<()> {
    let own = modules.clone();
    set(host, "resolve", move |ctx: Ctx<'js>, from: String, specifier: String| {
        resolve(&ctx, &own, &from, &specifier)
    })?;
    let own = modules.clone();
    set(host, "compile", move |ctx: Ctx<'js>, path: String| compile(&ctx, &own, &path))?;
    set(host, "requireModule", |ctx: Ctx<'js>, id: String| require_module(&ctx, id))?;
    let own = modules.clone();
    set(host, "dataText", move |ctx: Ctx<'js>, path: String| {
        own.graph
            .check_data(Path::new(&path))
            .map_err(|error| own.faults.throw(&ctx, error, "ERR_INVALID_JSON"))
    })?;
    let own = modules.clone();
    set(host, "missingNodeModule", move |ctx: Ctx<'js>, name: String| -> Result<()> {
        Err(own.faults.throw_missing_node_module(&ctx, &name, own.activity))
    })
}

/// Resolves the specifier of a `require` to the kind of the module and its name.
fn resolve<'js>(
    ctx: &Ctx<'js>,
    modules: &Modules,
    from: &str,
    specifier: &str,
) -> Result<Vec<String>> {
    let graph = &modules.graph;
    let found = graph.resolve(Path::new(from), specifier, ModuleKind::Require);
    let answer = |kind: &str, name: String| Ok(vec![kind.to_owned(), name]);
    match found {
        Err(unresolved) => {
            let location = graph.request_location(Path::new(from), specifier);
            let error = graph.missing_module(&unresolved, location);
            Err(modules.faults.throw(ctx, error, "MODULE_NOT_FOUND"))
        }
        Ok(target) => match &target.id {
            ModuleId::Node(name) => answer("node", name.clone()),
            ModuleId::StandIn(name) => answer("stand-in", name.clone()),
            ModuleId::Wrapped(_) | ModuleId::Own(_) => answer("module", target.id.to_string()),
            ModuleId::File(path) if is_data(path) => answer("file", target.id.to_string()),
            ModuleId::File(path) => {
                let file = graph.file(path, target.hint);
                let is_module = file.unit.as_ref().is_ok_and(|unit| unit.format == Format::Module);
                answer(if is_module { "module" } else { "file" }, target.id.to_string())
            }
        },
    }
}

/// Compiles a CommonJS file to a function, as Node does.
fn compile<'js>(ctx: &Ctx<'js>, modules: &Modules, path: &str) -> Result<Function<'js>> {
    let throw = |error: EvalError| modules.faults.throw(ctx, error, "ERR_MODULE_SYNTAX");
    if Path::new(path).extension().is_some_and(|extension| extension == "node") {
        let message = format!(
            "the native addon {} is not available while mizzle {}",
            modules.graph.display(Path::new(path)),
            modules.activity.phrase
        );
        return Err(throw(EvalError::new(EvalErrorKind::NotAvailable, message)));
    }
    let file = modules.graph.file(Path::new(path), Some(Format::CommonJs));
    let unit = file.unit.as_ref().map_err(|error| throw(error.clone()))?;
    let code = unit.code.as_deref().unwrap_or(&file.text);
    // A comment of the same length keeps the columns.
    let shebang = code.strip_prefix("#!").map(|rest| format!("//{rest}"));
    let code = shebang.as_deref().unwrap_or(code);
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(path.to_owned());
    // On the first line, which keeps the line numbers; the stack is corrected for its columns.
    ctx.eval_with_options(format!("{COMMONJS_HEAD}{code}\n}})"), options)
}

/// Returns the namespace of an ES module that CommonJS requires; it must not use top-level `await`.
fn require_module<'js>(ctx: &Ctx<'js>, id: String) -> Result<Value<'js>> {
    let promise = Module::import(ctx, id)?;
    promise.finish()
}

fn platform() -> &'static str {
    match std::env::consts::OS {
        "windows" => "win32",
        "macos" => "darwin",
        other => other,
    }
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    }
}

/// Throws an error with a code, as Node's functions do.
fn throw_coded(ctx: &Ctx<'_>, code: &str, message: &str) -> rquickjs::Error {
    match Exception::from_message(ctx.clone(), message)
        .and_then(|exception| exception.set("code", code).map(|()| exception))
    {
        Ok(exception) => exception.throw(),
        Err(error) => error,
    }
}

//! Specifier → module: files by Node's and TypeScript's rules, and the modules of the extension.

use super::{id::ModuleId, regular::RegularFiles};
use crate::extension::{Extension, Served};
use crate::transpile::Format;
use oxc_resolver::{
    ModuleType, Resolution, ResolveError, ResolveOptions, ResolverGeneric, TsconfigDiscovery,
};
use std::path::{Path, PathBuf};

/// The kind of import; packages may resolve each kind to another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModuleKind {
    /// By `import`.
    Import,
    /// By `require`.
    Require,
}

/// A resolved module, with the format that its file's name and package indicate.
#[derive(Debug, Clone)]
pub struct Target {
    /// The module.
    pub id: ModuleId,
    pub(crate) hint: Option<Format>,
}

impl Target {
    fn served(id: ModuleId) -> Self {
        Self { id, hint: None }
    }
}

/// An import whose module is not found.
#[derive(Debug, Clone)]
pub struct Unresolved {
    /// The error message.
    pub message: String,
    /// The hint.
    pub hint: String,
}

/// Resolves specifiers to modules.
pub struct Modules {
    import: Resolver,
    require: Resolver,
    /// Without tsconfig: for projects whose tsconfig cannot be loaded.
    plain: Resolver,
    extension: &'static dyn Extension,
}

type Resolver = ResolverGeneric<RegularFiles>;

impl Modules {
    /// Creates a resolver of files, of Node's built-in modules and of the modules of an extension.
    pub fn new(extension: &'static dyn Extension) -> Self {
        let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let alias = |from: &str, to: &[&str]| (from.to_owned(), strings(to));
        let options = ResolveOptions {
            tsconfig: Some(TsconfigDiscovery::Auto),
            condition_names: strings(&["node", "import", "module-sync", "default"]),
            extensions: strings(&[
                ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".json",
            ]),
            // TypeScript's convention: imports use the extension of the output.
            extension_alias: vec![
                alias(".js", &[".ts", ".tsx", ".js", ".jsx"]),
                alias(".jsx", &[".tsx", ".jsx"]),
                alias(".mjs", &[".mts", ".mjs"]),
                alias(".cjs", &[".cts", ".cjs"]),
            ],
            main_fields: strings(&["module", "main"]),
            builtin_modules: true,
            module_type: true,
            node_path: false,
            ..ResolveOptions::default()
        };
        let import = Resolver::new(options.clone());
        let require = import.clone_with_options(ResolveOptions {
            condition_names: strings(&["node", "require", "module-sync", "default"]),
            main_fields: strings(&["main"]),
            ..options.clone()
        });
        let plain = import.clone_with_options(ResolveOptions { tsconfig: None, ..options });
        Self { import, require, plain, extension }
    }

    /// Resolves `specifier` as written in the file `from`.
    pub fn resolve(
        &self,
        from: &Path,
        specifier: &str,
        manner: ModuleKind,
    ) -> Result<Target, Unresolved> {
        let own = |name: &str| Ok(Target::served(ModuleId::Own(name.to_owned())));
        let fallback = match self.extension.serve(specifier) {
            Served::StandIn => {
                return Ok(Target::served(ModuleId::StandIn(specifier.to_owned())));
            }
            Served::Own(name) => return own(name),
            Served::Wrapped { fallback } => Some(fallback),
            Served::Elsewhere => None,
        };
        if let Some(file) = file_url(specifier) {
            let file = file.to_string_lossy();
            return self.resolve_file(from, &file, manner);
        }
        let found = self.resolve_file(from, specifier, manner);
        let Some(fallback) = fallback else { return found };
        match found {
            // The package's own files import it without its wrapper.
            Ok(Target { id: ModuleId::File(path), hint: _ }) => {
                Ok(Target::served(ModuleId::Wrapped(path)))
            }
            Ok(other) => Ok(other),
            Err(_) => own(fallback),
        }
    }

    fn resolve_file(
        &self,
        from: &Path,
        specifier: &str,
        manner: ModuleKind,
    ) -> Result<Target, Unresolved> {
        let resolver = match manner {
            ModuleKind::Import => &self.import,
            ModuleKind::Require => &self.require,
        };
        match resolver.resolve_file(from, specifier) {
            Ok(resolution) => Ok(target(&resolution)),
            Err(ResolveError::Builtin { resolved, .. }) => Ok(node(&resolved)),
            // Modules that resolve only without tsconfig: the tsconfig is broken, because it
            // extends a package that is not installed, say. The types are irrelevant here.
            Err(error) => match self.plain.resolve_file(from, specifier) {
                Ok(resolution) => Ok(target(&resolution)),
                Err(ResolveError::Builtin { resolved, .. }) => Ok(node(&resolved)),
                Err(_) => Err(unresolved(specifier, &error)),
            },
        }
    }
}

fn file_url(specifier: &str) -> Option<PathBuf> {
    if !specifier.starts_with("file:") {
        return None;
    }
    url::Url::parse(specifier).ok()?.to_file_path().ok()
}

fn node(resolved: &str) -> Target {
    let name = resolved.strip_prefix("node:").unwrap_or(resolved);
    Target::served(ModuleId::Node(name.to_owned()))
}

fn target(resolution: &Resolution) -> Target {
    let path = dunce::simplified(resolution.path()).to_path_buf();
    Target { hint: format_hint(&path, resolution.module_type()), id: ModuleId::File(path) }
}

fn format_hint(path: &Path, module_type: Option<ModuleType>) -> Option<Format> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("mjs" | "mts") => Some(Format::Module),
        Some("cjs" | "cts") => Some(Format::CommonJs),
        // "CommonJS" is also reported for packages without a `type`.
        _ => (module_type == Some(ModuleType::Module)).then_some(Format::Module),
    }
}

/// Returns the format that the file extension alone indicates: for files that nothing imports.
pub(crate) fn hint_of_entry(path: &Path) -> Option<Format> {
    format_hint(path, None)
}

fn unresolved(specifier: &str, error: &ResolveError) -> Unresolved {
    let hint = match error {
        _ if is_relative(specifier) => {
            "check the path; it is relative to the file that imports it".to_owned()
        }
        ResolveError::NotFound(name) if name == specifier => format!(
            "install the package \"{}\", or check its name and the \"paths\" of tsconfig.json",
            package_name(specifier)
        ),
        other => other.to_string(),
    };
    Unresolved { message: format!("cannot find module \"{specifier}\""), hint }
}

fn is_relative(specifier: &str) -> bool {
    specifier.starts_with("./") || specifier.starts_with("../") || specifier.starts_with('/')
}

fn package_name(specifier: &str) -> String {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    specifier.split('/').take(parts).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_specifier() {
        assert_eq!(package_name("zod/v4/core"), "zod");
        assert_eq!(package_name("@scope/pkg/sub"), "@scope/pkg");
    }
}

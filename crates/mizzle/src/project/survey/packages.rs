//! The package manager of a project, and those of its packages that concern mizzle.

use super::Folders;
use crate::project::read_to_string;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The package names of the ORM.
const ORM: [&str; 2] = ["mizzle", "@aurios/mizzle"];
/// The npm package of this program.
const CLI: &str = "mizzle-cli";

/// Lock files and their package managers. npm's come last: projects that switch to another manager
/// often keep them.
const LOCK_FILES: [(&str, PackageManager); 6] = [
    ("pnpm-lock.yaml", PackageManager::Pnpm),
    ("yarn.lock", PackageManager::Yarn),
    ("bun.lock", PackageManager::Bun),
    ("bun.lockb", PackageManager::Bun),
    ("package-lock.json", PackageManager::Npm),
    ("npm-shrinkwrap.json", PackageManager::Npm),
];

/// The package manager of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackageManager {
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// Yarn.
    Yarn,
    /// Bun.
    Bun,
}

impl PackageManager {
    fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Bun => "bun",
        }
    }

    /// Returns the command that runs the program of an installed package.
    fn runner(self) -> &'static str {
        match self {
            Self::Npm => "npx",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Bun => "bunx",
        }
    }

    /// Returns the manager that `packageManager` in a `package.json` names, as in `pnpm@9.1.0`.
    fn named(text: &str) -> Option<Self> {
        let (name, _) = text.split_once('@').unwrap_or((text, ""));
        [Self::Npm, Self::Pnpm, Self::Yarn, Self::Bun]
            .into_iter()
            .find(|manager| manager.name() == name)
    }
}

/// The packages of a project that concern mizzle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Packages {
    /// The package manager.
    pub(crate) manager: Option<PackageManager>,
    /// The package name of the ORM, if it is listed or installed.
    pub(crate) orm: Option<&'static str>,
    /// True if this program is one of the packages, so that the manager runs it.
    pub(crate) has_cli: bool,
    /// True if this program's declarations are installed, so that a config can import them.
    pub(crate) has_declarations: bool,
}

impl Packages {
    /// Reads `package.json`, lock files and `node_modules`.
    pub(super) fn find(folders: &Folders) -> Self {
        let manifests: Vec<Value> =
            folders.project.iter().filter_map(|folder| manifest(folder)).collect();
        let is_listed = |name: &str| manifests.iter().any(|manifest| lists(manifest, name));
        let is_installed = |name: &str| is_installed(folders.innermost(), name);
        let has_declarations = is_installed(CLI);
        Self {
            manager: manager(&folders.project),
            orm: ORM.into_iter().find(|name| is_listed(name) || is_installed(name)),
            has_cli: has_declarations || is_listed(CLI),
            has_declarations,
        }
    }

    /// Returns the name of the package manager.
    pub(crate) fn manager_name(&self) -> Option<&'static str> {
        self.manager.map(PackageManager::name)
    }

    /// Returns the module that exports the schema functions: the ORM, or else this program's own
    /// package. Without either, the ORM: mizzle is made for it, and it can be installed later.
    pub(crate) fn schema_functions(&self) -> &'static str {
        match (self.orm, self.has_cli) {
            (Some(orm), _) => orm,
            (None, true) => "mizzle-cli/schema",
            (None, false) => "mizzle",
        }
    }

    /// Returns a command of this program as it is typed in the project.
    pub(crate) fn command_line(&self, command: &str) -> String {
        if !self.has_cli {
            return format!("mizzle {command}");
        }
        let manager = self.manager.unwrap_or(PackageManager::Npm);
        format!("{} mizzle {command}", manager.runner())
    }
}

/// Returns the package manager; the innermost folder that names one decides.
fn manager(folders: &[PathBuf]) -> Option<PackageManager> {
    folders.iter().find_map(|folder| {
        let named = manifest(folder)
            .and_then(|manifest| PackageManager::named(manifest.get("packageManager")?.as_str()?));
        let locked = || LOCK_FILES.iter().find(|(file, _)| folder.join(file).is_file());
        named.or_else(|| locked().map(|(_, manager)| *manager))
    })
}

/// Returns the name in the `package.json` of a folder.
pub(crate) fn package_name(folder: &Path) -> Option<String> {
    let manifest = manifest(folder)?;
    manifest.get("name")?.as_str().filter(|name| !name.trim().is_empty()).map(str::to_owned)
}

fn manifest(folder: &Path) -> Option<Value> {
    let text = read_to_string(&folder.join("package.json")).ok()?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

fn lists(manifest: &Value, name: &str) -> bool {
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
        .iter()
        .any(|field| manifest.get(field).and_then(|packages| packages.get(name)).is_some())
}

/// True if Node finds a package from a folder: packages may be installed in a parent folder.
fn is_installed(folder: &Path, name: &str) -> bool {
    let place = Path::new("node_modules").join(name).join("package.json");
    folder.ancestors().any(|folder| folder.join(&place).is_file())
}

#[cfg(test)]
mod tests {
    use super::{super::tests::project, *};
    use std::fs;

    fn packages(files: &[(&str, &str)]) -> Packages {
        let folder = project(files);
        let root = folder.path().join("app");
        fs::create_dir_all(&root).unwrap();
        Packages::find(&Folders::of(&root))
    }

    #[test]
    fn the_manager_is_known_by_its_name_or_its_lock_file() {
        use PackageManager::{Bun, Npm, Pnpm, Yarn};
        let field = |name: &str| format!("{{ \"packageManager\": \"{name}\" }}");
        let (pnpm, nonsense) = (field("pnpm@9.1.0+sha512.abc"), field("cargo@1"));
        for (files, expected) in [
            (&[][..], None),
            (&[("app/package.json", "{}")][..], None),
            (&[("app/package.json", "not JSON"), ("app/yarn.lock", "")], Some(Yarn)),
            (&[("app/package-lock.json", "{}")], Some(Npm)),
            (&[("app/package-lock.json", "{}"), ("app/bun.lock", "")], Some(Bun)),
            (&[("app/package.json", &pnpm), ("app/yarn.lock", "")], Some(Pnpm)),
            (&[("app/package.json", &nonsense), ("app/yarn.lock", "")], Some(Yarn)),
            // A monorepo has a common one.
            (&[(".git/HEAD", ""), ("pnpm-lock.yaml", ""), ("app/package.json", "{}")], Some(Pnpm)),
            (&[("pnpm-lock.yaml", ""), ("app/package.json", "{}")], None),
        ] {
            assert_eq!(packages(files).manager, expected, "{files:?}");
        }
    }

    #[test]
    fn a_command_is_typed_as_the_manager_wants_it() {
        let dev = r#"{ "devDependencies": { "mizzle-cli": "^1" } }"#;
        for (lock_file, expected) in [
            ("app/package-lock.json", "npx mizzle push"),
            ("app/pnpm-lock.yaml", "pnpm mizzle push"),
            ("app/yarn.lock", "yarn mizzle push"),
            ("app/bun.lockb", "bunx mizzle push"),
            ("app/unknown", "npx mizzle push"),
        ] {
            let found = packages(&[("app/package.json", dev), (lock_file, "")]);
            assert_eq!(found.command_line("push"), expected);
            let without = packages(&[("app/package.json", "{}"), (lock_file, "")]);
            assert_eq!(without.command_line("push"), "mizzle push");
        }
    }

    #[test]
    fn our_packages_are_found_where_they_are_listed_or_installed() {
        let lists = |name: &str| format!("{{ \"dependencies\": {{ \"{name}\": \"*\" }} }}");
        let scoped = lists("@aurios/mizzle");
        let cli = lists("mizzle-cli");
        for (files, orm, has_cli, has_declarations) in [
            (&[][..], None, false, false),
            (&[("app/package.json", scoped.as_str())][..], Some("@aurios/mizzle"), false, false),
            (&[("app/node_modules/mizzle/package.json", "{}")], Some("mizzle"), false, false),
            (&[("node_modules/mizzle/package.json", "{}")], Some("mizzle"), false, false),
            (&[("app/package.json", cli.as_str())], None, true, false),
            (&[(".git/HEAD", ""), ("package.json", cli.as_str())], None, true, false),
            (&[("app/node_modules/mizzle-cli/package.json", "{}")], None, true, true),
            (&[("app/node_modules/mizzle-cli/index.d.ts", "")], None, false, false),
        ] {
            let found = packages(files);
            let expected = Packages { manager: None, orm, has_cli, has_declarations };
            assert_eq!(found, expected, "{files:?}");
            let own = if has_cli { "mizzle-cli/schema" } else { "mizzle" };
            assert_eq!(found.schema_functions(), orm.unwrap_or(own), "{files:?}");
        }
    }
}

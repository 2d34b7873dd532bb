//! `cargo xtask npm`: the packages for the npm registry.
//!
//! `mizzle-cli` has the types, the schema functions and a shim, and names a package for each kind
//! of machine as an optional dependency, of which npm installs the one that fits. All of them have
//! the version of the workspace, and all derived files are generated here, so that they cannot
//! diverge: the schema functions are those that the engine serves.

mod platform;

use crate::{
    cache::Cache,
    npm,
    workspace::{Workspace, announce, print_result},
};
use anyhow::{Context, bail};
pub(crate) use platform::{PLATFORMS, Platform};
use serde_json::{Map, Value, json};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};
use xshell::cmd;

/// The package that users install.
const MAIN: &str = "mizzle-cli";
/// The files that both kinds of packages have in addition to their own.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
/// The engine's modules that the package does not contain: one replaces the whole ORM, and the
/// others record which tables were created.
const OF_THE_ENGINE: [&str; 3] = ["index.js", "made.js", "served.js"];

/// Creates the folders of all packages, under `target/npm`, each as it is published except for the
/// programs. Returns their parent folder.
pub(crate) fn assemble(workspace: &Workspace, tools: &Path) -> anyhow::Result<PathBuf> {
    let packages = workspace.target.join("npm");
    let version = version(workspace)?;
    assemble_main(workspace, tools, &packages.join(MAIN), &version)?;
    for platform in &PLATFORMS {
        assemble_platform(workspace, platform, &folder_of(&packages, platform), &version)?;
    }
    Ok(packages)
}

/// Runs `cargo xtask npm` with its arguments: the tarballs are created only for `pack`.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> anyhow::Result<()> {
    let programs = Programs::parse(args)?;
    let cache = Cache::lock(workspace)?;
    let tools = npm::fetch(workspace, &cache)?;
    let packages = assemble(workspace, &tools)?;
    drop(cache);
    let programs: Vec<(&Platform, PathBuf)> = match programs {
        None => return print_result(&format!("{}\n", packages.display())),
        Some(Programs::One { platform, program: Some(program) }) => vec![(platform, program)],
        Some(Programs::One { platform, program: None }) => {
            vec![(platform, build(workspace, platform)?)]
        }
        Some(Programs::All { folder }) => {
            let place = |platform: &'static Platform| {
                (platform, folder.join(platform.target).join(platform.executable()))
            };
            PLATFORMS.iter().map(place).collect()
        }
    };
    for (platform, program) in programs {
        let folder = folder_of(&packages, platform);
        place(&program, &folder.join("bin").join(platform.executable()))?;
        pack(workspace, &folder, &packages)?;
    }
    pack(workspace, &packages.join(MAIN), &packages)
}

/// The packages to pack, beside the main one.
enum Programs {
    /// The one of a platform; its program is built unless it is given.
    One { platform: &'static Platform, program: Option<PathBuf> },
    /// All of them; the folder has their programs, each in a folder named as its target.
    All { folder: PathBuf },
}

impl Programs {
    fn parse(args: &[OsString]) -> anyhow::Result<Option<Self>> {
        let Some((first, rest)) = args.split_first() else { return Ok(None) };
        if first != "pack" {
            bail!("`cargo xtask npm` knows `pack`, not {}", first.display());
        }
        let (mut target, mut program, mut folder) = (None, None, None);
        let mut parser = lexopt::Parser::from_args(rest);
        while let Some(arg) = parser.next()? {
            match arg {
                lexopt::Arg::Long("target") => {
                    target = Some(parser.value()?.to_string_lossy().into_owned());
                }
                lexopt::Arg::Long("binary") => program = Some(parser.value()?.into()),
                lexopt::Arg::Long("binaries") => folder = Some(parser.value()?.into()),
                other => return Err(other.unexpected().into()),
            }
        }
        if let Some(folder) = folder {
            if target.is_some() || program.is_some() {
                bail!("--binaries packs all platforms, so --target and --binary mean nothing");
            }
            return Ok(Some(Self::All { folder }));
        }
        let platform = match target {
            Some(target) => Platform::of_target(&target)
                .with_context(|| format!("there is no package for the target {target}"))?,
            None => Platform::of_this_machine().context("there is no package for this machine")?,
        };
        Ok(Some(Self::One { platform, program }))
    }
}

/// Returns the version of the workspace, and so of all published packages.
fn version(workspace: &Workspace) -> anyhow::Result<String> {
    // xtask takes its version from the workspace, too; but it may have been built before an edit.
    let shell = &workspace.shell;
    let metadata = cmd!(shell, "cargo metadata --no-deps --format-version 1").quiet().read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let version = packages
        .filter(|package| package["name"] == "mizzle")
        .find_map(|package| package["version"].as_str());
    Ok(version.context("the workspace has no package mizzle")?.to_owned())
}

fn assemble_main(
    workspace: &Workspace,
    tools: &Path,
    folder: &Path,
    version: &str,
) -> anyhow::Result<()> {
    let source = workspace.root.join("npm").join(MAIN);
    renew(folder)?;
    for entry in walkdir::WalkDir::new(&source) {
        let entry = entry?;
        let path = entry.path().strip_prefix(&source)?;
        if entry.file_type().is_file() {
            copy(entry.path(), &folder.join(path))?;
        }
    }
    copy_licences(workspace, folder)?;

    let library = folder.join("lib");
    let engine = workspace.root.join("crates/mizzle-eval/src/js/orm");
    for entry in fs::read_dir(&engine).with_context(|| format!("{}", engine.display()))? {
        let entry = entry?;
        if !OF_THE_ENGINE.iter().any(|file| entry.file_name() == *file) {
            copy(&entry.path(), &library.join(entry.file_name()))?;
        }
    }
    to_commonjs(workspace, tools, &library)?;
    for name in ["index", "schema"] {
        // TypeScript treats the two as modules of different kinds, despite their identical content.
        copy(&folder.join(format!("{name}.d.ts")), &folder.join(format!("{name}.d.cts")))?;
    }
    write_manifest(folder, &main_manifest(&source, version)?)
}

/// Compiles the library's modules to CommonJS, in a folder of their own.
fn to_commonjs(workspace: &Workspace, tools: &Path, library: &Path) -> anyhow::Result<()> {
    let shell = workspace.shell.clone();
    shell.change_dir(library);
    let (node, compiler) = (npm::node(tools), tools.join("node_modules/typescript/bin/tsc"));
    let modules: Vec<PathBuf> = ["config.js", "schema.js"].map(PathBuf::from).into();
    let module = ["--module", "commonjs", "--moduleResolution", "bundler", "--target", "es2022"];
    let files = ["--allowJs", "--rootDir", ".", "--outDir", "cjs", "--types", ""];
    cmd!(shell, "{node} {compiler} {module...} {files...} {modules...}")
        .quiet()
        .run()
        .context("cannot make CommonJS of the schema functions")?;
    Ok(fs::write(library.join("cjs/package.json"), "{ \"type\": \"commonjs\" }\n")?)
}

/// Returns the manifest in the repository, with the fields derived from the workspace.
fn main_manifest(source: &Path, version: &str) -> anyhow::Result<Map<String, Value>> {
    let path = source.join("package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let Value::Object(kept) = serde_json::from_str(&text)? else {
        bail!("{} is not an object", path.display())
    };
    let mut manifest = Map::new();
    for (field, value) in kept {
        match field.as_str() {
            // This only applies to the folder in the repository, which must not be published.
            "private" => continue,
            "version" | "optionalDependencies" | "publishConfig" => {
                bail!("{} states {field}, which is made by xtask", path.display())
            }
            _ => {}
        }
        let is_name = field == "name";
        manifest.insert(field, value);
        if is_name {
            manifest.insert("version".to_owned(), version.into());
        }
    }
    let programs = PLATFORMS.iter().map(|platform| (platform.package(), version.into()));
    manifest.insert("optionalDependencies".to_owned(), Value::Object(programs.collect()));
    manifest.insert("publishConfig".to_owned(), json!({ "access": "public" }));
    Ok(manifest)
}

fn assemble_platform(
    workspace: &Workspace,
    platform: &Platform,
    folder: &Path,
    version: &str,
) -> anyhow::Result<()> {
    renew(folder)?;
    copy_licences(workspace, folder)?;
    let Platform { target, os, cpu, libc } = platform;
    let package = platform.package();
    let readme = format!(
        "# {package}\n\nThe program of [mizzle-cli](https://www.npmjs.com/package/mizzle-cli) for \
         {target}. It is installed together with it.\n"
    );
    fs::write(folder.join("README.md"), readme)?;
    let main = main_manifest(&workspace.root.join("npm").join(MAIN), version)?;
    let mut manifest = Map::new();
    manifest.insert("name".to_owned(), package.into());
    manifest.insert("version".to_owned(), version.into());
    manifest.insert("description".to_owned(), format!("The program of {MAIN} for {target}").into());
    for field in ["license", "homepage", "bugs", "repository", "publishConfig"] {
        let value = main.get(field).with_context(|| format!("the manifest has no {field}"))?;
        manifest.insert(field.to_owned(), value.clone());
    }
    manifest.insert("os".to_owned(), json!([os]));
    manifest.insert("cpu".to_owned(), json!([cpu]));
    if let Some(libc) = libc {
        manifest.insert("libc".to_owned(), json!([libc]));
    }
    // Yarn would keep it in an archive, where no system can run it.
    manifest.insert("preferUnplugged".to_owned(), true.into());
    let [apache, mit] = LICENCES;
    let program = format!("bin/{}", platform.executable());
    manifest.insert("files".to_owned(), json!([program, apache, mit]));
    write_manifest(folder, &manifest)
}

/// Builds the program for a target.
fn build(workspace: &Workspace, platform: &Platform) -> anyhow::Result<PathBuf> {
    let (shell, target) = (&workspace.shell, platform.target);
    let build = cmd!(shell, "cargo build --locked --release --package mizzle --target {target}");
    workspace.stage(&format!("building mizzle for {target}"), build)?;
    Ok(workspace.target.join(target).join("release").join(platform.executable()))
}

/// Copies a program into its package and makes it executable.
fn place(binary: &Path, target: &Path) -> anyhow::Result<()> {
    copy(binary, target)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(target, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Creates the tarball of a package, and prints its path.
fn pack(workspace: &Workspace, folder: &Path, into: &Path) -> anyhow::Result<()> {
    let shell = workspace.shell.clone();
    shell.change_dir(folder);
    let told =
        cmd!(shell, "npm pack --json --ignore-scripts --pack-destination {into}").quiet().read()?;
    let told: Value = serde_json::from_str(&told)?;
    // npm prints a list or, since its version 12, an object by name.
    let packed = told.get(0).or_else(|| told.as_object()?.values().next());
    let file = packed.and_then(|packed| packed["filename"].as_str());
    let file = file.context("npm pack names no file")?;
    // Some versions of npm print the name with its scope, unlike the name on disk.
    let file = file.trim_start_matches('@').replace('/', "-");
    announce(&format!("packed {file}"));
    print_result(&format!("{}\n", into.join(file).display()))
}

fn folder_of(packages: &Path, platform: &Platform) -> PathBuf {
    packages.join(platform.name())
}

fn renew(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

fn copy_licences(workspace: &Workspace, folder: &Path) -> anyhow::Result<()> {
    LICENCES.iter().try_for_each(|file| copy(&workspace.root.join(file), &folder.join(file)))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let folder = to.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn write_manifest(folder: &Path, manifest: &Map<String, Value>) -> anyhow::Result<()> {
    let text = format!("{:#}\n", Value::Object(manifest.clone()));
    Ok(fs::write(folder.join("package.json"), text)?)
}

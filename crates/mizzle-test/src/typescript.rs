//! The TypeScript compiler, and the runtimes that run TypeScript directly.

use crate::{Output, TempProject, environment, process, redact::Redactions};
use serde_json::{Value, json};
use std::{
    fs, iter,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const RECORDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/js/record.mjs");
const VALIDATOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/js/validate.mjs");
const AWS_SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/js/aws_sdk.mjs");
const DEADLINE: Duration = Duration::from_secs(60);

/// TypeScript, Node and Bun, as `cargo xtask test` fetched them.
#[derive(Debug, Clone)]
pub struct TypeScript {
    modules: PathBuf,
}

/// A runtime that strips the types of a script and runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// Node, in a version that strips types.
    Node,
    /// Bun.
    Bun,
}

/// A version of the TypeScript compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// The newest pinned version.
    Newest,
    /// The oldest version that the declarations support: 5.0.
    Oldest,
}

/// The module format and resolution of TypeScript: `module` and `moduleResolution`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modules {
    /// `esnext`, with the resolution of bundlers.
    Bundler,
    /// `node16`.
    Node16,
    /// `nodenext`.
    NodeNext,
}

/// A function of a migration script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `up`.
    Up,
    /// `down`.
    Down,
}

impl TypeScript {
    /// Reads the variables of `cargo xtask test`. Fails the test if they are not set.
    #[track_caller]
    pub fn from_env() -> Self {
        let tools = PathBuf::from(environment::required(environment::NPM));
        Self { modules: tools.join("node_modules") }
    }

    /// Checks files with `tsc --strict`; `mizzle-cli` is the repository's own declarations.
    #[track_caller]
    pub fn tsc_strict(&self, files: &[impl AsRef<Path>]) -> Output {
        self.tsc(files, false)
    }

    /// Like [`tsc_strict`](Self::tsc_strict), for files that import the AWS SDK: its declarations
    /// need those of Node, so declaration files themselves are not checked.
    #[track_caller]
    pub fn tsc_strict_with_aws_sdk(&self, files: &[impl AsRef<Path>]) -> Output {
        self.tsc(files, true)
    }

    #[track_caller]
    fn tsc(&self, files: &[impl AsRef<Path>], skip_declarations: bool) -> Output {
        let files: Vec<PathBuf> = files.iter().map(|file| absolute(file.as_ref())).collect();
        let declarations = environment::repository().join("npm/mizzle-cli");
        let config = json!({
            "compilerOptions": {
                "strict": true,
                "noEmit": true,
                "target": "ES2023",
                "lib": ["ES2023"],
                "module": "ESNext",
                "moduleResolution": "bundler",
                "verbatimModuleSyntax": true,
                "skipLibCheck": skip_declarations,
                "types": [],
                "paths": {
                    "mizzle-cli": [declarations.join("index.d.ts")],
                    "mizzle-cli/schema": [declarations.join("schema.d.ts")],
                    "@aws-sdk/*": [self.modules.join("@aws-sdk/*")],
                },
            },
            "files": files,
        });
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let project = folder.path().join("tsconfig.json");
        fs::write(&project, config.to_string()).expect("a new folder can be written to");

        let mut command = self.runtime(Runtime::Node);
        command
            .arg(self.modules.join("typescript/bin/tsc"))
            .arg("--pretty")
            .arg("false")
            .arg("--project")
            .arg(&project)
            .current_dir(environment::repository());
        process::run(command, "tsc --strict".to_owned(), DEADLINE, Redactions::standard())
    }

    /// Checks the TypeScript files of a project, including its `node_modules`, with `tsc --strict`.
    #[track_caller]
    pub fn tsc_project(
        &self,
        compiler: Compiler,
        modules: Modules,
        project: &TempProject,
    ) -> Output {
        let (module, resolution) = match modules {
            Modules::Bundler => ("esnext", "bundler"),
            Modules::Node16 => ("node16", "node16"),
            Modules::NodeNext => ("nodenext", "nodenext"),
        };
        let config = json!({
            "compilerOptions": {
                "strict": true,
                "exactOptionalPropertyTypes": true,
                "noEmit": true,
                "target": "ES2022",
                "lib": ["ES2023"],
                "module": module,
                "moduleResolution": resolution,
                "types": [],
            },
            "exclude": ["node_modules"],
        });
        project.write("tsconfig.json", &config.to_string());
        let package = match compiler {
            Compiler::Newest => "typescript/bin/tsc",
            Compiler::Oldest => "typescript-oldest/bin/tsc",
        };
        let mut command = self.runtime(Runtime::Node);
        command
            .arg(self.modules.join(package))
            .args(["--pretty", "false", "--project", "."])
            .current_dir(project.path());
        let shown = format!("{package} with modules as {resolution}");
        process::run(command, shown, DEADLINE, project.redactions())
    }

    /// Returns for each of the documents true if Ajv finds it valid according to a JSON schema.
    #[track_caller]
    pub fn validate(&self, schema: &Path, documents: &[Value]) -> Vec<bool> {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let file = folder.path().join("documents.json");
        let text = serde_json::to_string(documents).expect("values are JSON");
        fs::write(&file, text).expect("a new folder can be written to");
        let [modules, schema, file] = [&self.modules, schema, &file].map(|path| path.display());
        let args = [modules.to_string(), schema.to_string(), file.to_string()];
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let validated = self.run(Runtime::Node, VALIDATOR, &args).assert_code(0);
        serde_json::from_value(validated.json()).expect("the validator prints a list")
    }

    /// Returns the exports of the AWS SDK's packages for DynamoDB: the members of the enumerations,
    /// and the names of classes and functions.
    #[track_caller]
    pub fn aws_sdk_exports(&self) -> Value {
        self.aws_sdk(&[])
    }

    /// Returns the results of `@aws-sdk/util-dynamodb` for the cases in a module: its `results` is
    /// called with the package.
    #[track_caller]
    pub fn attribute_values(&self, cases: &Path) -> Value {
        self.aws_sdk(&[&absolute(cases).display().to_string()])
    }

    #[track_caller]
    fn aws_sdk(&self, args: &[&str]) -> Value {
        let modules = self.modules.display().to_string();
        let args = [&[modules.as_str()], args].concat();
        self.run(Runtime::Node, AWS_SDK, &args).assert_code(0).json()
    }

    /// Runs the linter of packages.
    #[track_caller]
    pub fn publint(&self, package: &Path) -> Output {
        let mut command = self.runtime(Runtime::Node);
        command.arg(self.modules.join("publint/src/cli.js")).arg(package);
        // The linter runs npm to list the packed files.
        let programs = self.modules.join(".bin");
        command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        command.env("HOME", package);
        process::run(command, "publint".to_owned(), DEADLINE, Redactions::standard())
    }

    /// Runs a script with arguments.
    #[track_caller]
    pub fn run(&self, runtime: Runtime, script: impl AsRef<Path>, args: &[&str]) -> Output {
        let mut command = self.runtime(runtime);
        command.arg(absolute(script.as_ref())).args(args);
        let shown = format!("{} {}", runtime.name(), script.as_ref().display());
        process::run(command, shown, DEADLINE, Redactions::standard())
    }

    /// Runs one function of migration scripts, all in one process, with a `db` that does not
    /// execute anything and finds no items, and returns for each script its control-plane calls in
    /// their order: `[{ "call": "createTable", "input": { … } }, …]`.
    #[track_caller]
    pub fn record(
        &self,
        runtime: Runtime,
        scripts: &[impl AsRef<Path>],
        direction: Direction,
    ) -> Vec<Vec<Value>> {
        let function = match direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        let scripts = scripts.iter().map(|script| absolute(script.as_ref()).display().to_string());
        let args: Vec<String> = iter::once(function.to_owned()).chain(scripts).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let recorded = self.run(runtime, RECORDER, &args).assert_code(0);
        serde_json::from_value(recorded.json()).expect("the recorder prints a list for each script")
    }

    #[track_caller]
    fn runtime(&self, runtime: Runtime) -> Command {
        let executable = match runtime {
            Runtime::Node => self.modules.join(".bin/node"),
            Runtime::Bun => self.bun(),
        };
        assert!(
            executable.exists(),
            "there is no {} for this machine in {}",
            runtime.name(),
            self.modules.display()
        );
        let mut command = Command::new(executable);
        environment::clear(&mut command);
        command
    }

    /// Returns the executable of Bun: npm unpacks only the package for this machine.
    fn bun(&self) -> PathBuf {
        let packages = self.modules.join("@oven");
        let mut found = fs::read_dir(&packages).into_iter().flatten().flatten();
        found.next().map_or(packages, |package| package.path().join("bin/bun"))
    }
}

impl Runtime {
    fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Bun => "bun",
        }
    }
}

#[track_caller]
fn absolute(path: &Path) -> PathBuf {
    dunce::canonicalize(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

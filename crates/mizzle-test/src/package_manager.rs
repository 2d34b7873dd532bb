//! The programs that install packages, and run their binaries.

use crate::{
    MizzleCommand, Output, Registry, TempProject, environment, process,
    registry::{Tools, copy_folder},
};
use std::{ffi::OsStr, path::PathBuf, process::Command, time::Duration};

const DEADLINE: Duration = Duration::from_secs(120);

/// A program that installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageManager {
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// Bun.
    Bun,
}

impl PackageManager {
    /// Creates an empty project whose packages come from the registry.
    pub fn prepare(self, project: &TempProject, registry: &Registry) {
        project.write("package.json", "{ \"name\": \"app\", \"private\": true }\n");
        let settings = "audit=false\nfund=false\nupdate-notifier=false\n";
        project.write(".npmrc", &format!("registry={}/\n{settings}", registry.endpoint()));
    }

    /// Adds `mizzle-cli` to the project's development dependencies, like a user would.
    #[track_caller]
    pub fn add(self, project: &TempProject, options: &[&str]) -> Output {
        let (program, args): (_, &[_]) = match self {
            Self::Npm => ("npm", &["install", "--save-dev", "mizzle-cli"]),
            Self::Pnpm => ("pnpm", &["add", "--save-dev", "mizzle-cli"]),
            Self::Bun => ("bun", &["add", "--dev", "mizzle-cli"]),
        };
        self.run(project, program, &[args, options].concat())
    }

    /// Runs mizzle like a script of `package.json`: `npx mizzle …`, `pnpm exec mizzle …`,
    /// `bunx mizzle …`.
    #[track_caller]
    pub fn exec(self, project: &TempProject, args: &[&str]) -> Output {
        let (program, first): (_, &[_]) = match self {
            // Neither may search for the program elsewhere.
            Self::Npm => ("npx", &["--no", "--", "mizzle"]),
            Self::Pnpm => ("pnpm", &["exec", "mizzle"]),
            Self::Bun => ("bun", &["x", "--no-install", "mizzle"]),
        };
        self.run(project, program, &[first, args].concat())
    }

    #[track_caller]
    fn run(self, project: &TempProject, program: &str, args: &[&str]) -> Output {
        let tools = Tools::from_env();
        let mut command = match self {
            Self::Npm | Self::Pnpm => tools.command(program),
            Self::Bun => {
                let mut bun = Command::new(tools.bun());
                // Programs of packages require Node.
                let like = tools.command("node");
                bun.env_clear();
                bun.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
                bun
            }
        };
        command.args(args);
        in_project(&mut command, project);
        let shown = format!("{program} {}", args.join(" "));
        process::run(command, shown, DEADLINE, project.redactions())
    }
}

impl TempProject {
    /// Copies `mizzle-cli` into `node_modules`, as it is published, without a program.
    #[track_caller]
    pub fn unpack_package(&self) {
        let packages = PathBuf::from(environment::required(environment::PACKAGES));
        copy_folder(&packages.join("mizzle-cli"), &self.path().join("node_modules/mizzle-cli"));
    }

    /// Creates a command line of Node, to be run in the project.
    pub fn node(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> MizzleCommand {
        self.command(&Tools::from_env().file(".bin/node"), args)
    }
}

fn in_project(command: &mut Command, project: &TempProject) {
    command
        .current_dir(project.path())
        .env("HOME", project.home())
        .env("TERM", "dumb")
        .env("COLUMNS", "100")
        .env("AWS_EC2_METADATA_DISABLED", "true");
}

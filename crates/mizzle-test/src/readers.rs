//! Independent readers of exports: programs that share no code with mizzle.

use crate::{Database, Output, environment, process, redact::Redactions};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");
const DEADLINE: Duration = Duration::from_secs(120);

/// cfn-lint, a parser of Terraform's language, and the CLI of AWS.
#[derive(Debug, Clone)]
pub struct Readers {
    python: PathBuf,
}

impl Readers {
    /// Reads the variables of `cargo xtask test`. Fails the test if they are not set.
    #[track_caller]
    pub fn from_env() -> Self {
        Self { python: environment::required(environment::EXPORTS).into() }
    }

    /// Checks CloudFormation templates with cfn-lint, which must not report anything, not even a
    /// warning.
    #[track_caller]
    pub fn lint(&self, templates: &[&Path]) {
        let mut command = Command::new(self.programs().join("cfn-lint"));
        environment::clear(&mut command).args(["--regions", "us-east-1", "--"]).args(templates);
        let output = run(command, "cfn-lint".to_owned()).assert_code(0);
        assert_eq!(output.stdout, "", "{}", output.snapshot());
    }

    /// Parses a Terraform file with python-hcl2.
    #[track_caller]
    pub fn terraform(&self, file: &Path) -> Value {
        let mut command = Command::new(&self.python);
        environment::clear(&mut command).arg(format!("{SCRIPTS}/terraform.py")).arg(file);
        run(command, "python terraform.py".to_owned()).assert_code(0).json()
    }

    /// Runs a command of the AWS CLI, with this input.
    #[track_caller]
    pub fn aws(&self, database: &Database, command_line: &str, input: &Value) -> Output {
        let (program, args) = command_line.split_once(' ').expect("a command and its arguments");
        let mut command = self.with_aws(program, database);
        command.args(args.split(' ')).arg("--cli-input-json").arg(input.to_string());
        run(command, command_line.to_owned())
    }

    /// Runs a script that uses the AWS CLI.
    #[track_caller]
    pub fn script(&self, database: &Database, script: &Path) -> Output {
        let mut command = self.with_aws("sh", database);
        command.arg(script);
        run(command, "sh".to_owned())
    }

    /// Returns the folder of the programs in the same environment.
    fn programs(&self) -> &Path {
        self.python.parent().expect("an interpreter lies in a folder")
    }

    /// Creates a command line of a program that uses the AWS CLI with the database.
    fn with_aws(&self, program: &str, database: &Database) -> Command {
        let Database { endpoint, access_key, secret_key, region } = database;
        let programs = self.programs();
        let path = format!("{}:/usr/bin:/bin", programs.display());
        let program = match program {
            "aws" => programs.join("aws"),
            other => other.into(),
        };
        let mut command = Command::new(program);
        environment::clear(&mut command)
            .env("PATH", path)
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_ACCESS_KEY_ID", access_key)
            .env("AWS_SECRET_ACCESS_KEY", secret_key)
            .env("AWS_DEFAULT_REGION", region)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

#[track_caller]
fn run(command: Command, shown: String) -> Output {
    process::run(command, shown, DEADLINE, Redactions::standard())
}

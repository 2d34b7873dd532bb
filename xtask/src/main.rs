//! The project's chores: `cargo xtask demo`, `check`, `test`, `bench`, `fuzz`, `npm`, `record`.

mod bench;
mod cache;
mod check;
mod circles;
mod demo;
mod dynamodb_local;
mod fuzz;
mod guard;
mod lengths;
mod ministack;
mod moto;
mod npm;
mod package;
mod prose;
mod python;
mod record;
mod requirements;
mod server;
mod sources;
mod test;
mod workspace;

use anyhow::bail;
use bench::Bench;
use lexopt::Arg::{Long, Short, Value};
use std::{ffi::OsString, process::ExitCode};
use workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask <chore>

  demo                      creates the tables of examples/shop in the embedded DynamoDB, lists them
  check                     formatting, lengths of files, English of comments, lints, circles
                            of imports, the build without the embedded server, docs, licences
  test [-- <args>]          fetches and starts the real test servers, then runs every test;
                            the arguments go to `cargo test`
  bench [<one>]             measures the release build: `generate` (a no-op beside node and bun),
                            `large` (60,000 tables, 5,000 migrations: peak memory),
                            `list` (1,000 tables beside a loop of boto3), `local` (5,000 items on
                            disk beside in memory), `plan` (2,500 tables), `push` (200 tables
                            beside the bare AWS SDK)
  fuzz [<options>]          runs the fuzz targets with libFuzzer, ten minutes each or `--seconds <n>`,
                            all of them or those that are named
  npm [pack <options>]      makes the npm packages under target/npm; `pack` also the tarballs of the
                            main one and of the one for this machine or `--target <triple>`, with
                            the program that it builds or `--binary <file>`; or of all of them, with
                            the programs `<target>/mizzle` in `--binaries <folder>`
  record                    makes the README's picture of the terminal, from a real run
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            workspace::announce(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut parser = lexopt::Parser::from_env();
    let chore = match parser.next()? {
        Some(Value(chore)) => chore.to_string_lossy().into_owned(),
        Some(Long("help") | Short('h')) | None => return workspace::print_result(USAGE),
        Some(unknown) => return Err(unknown.unexpected().into()),
    };
    let args: Vec<OsString> = parser.raw_args()?.collect();
    match (chore.as_str(), args.as_slice()) {
        ("demo", []) => demo::run(&Workspace::find()?),
        ("check", []) => check::run(&Workspace::find()?),
        ("test", []) => test::run(&Workspace::find()?, &[]),
        ("test", [dashes, cargo_args @ ..]) if dashes == "--" => {
            test::run(&Workspace::find()?, cargo_args)
        }
        ("bench", []) => bench::run(&Workspace::find()?, &Bench::ALL),
        ("bench", [one]) if Bench::named(one).is_some() => {
            bench::run(&Workspace::find()?, Bench::named(one).as_slice())
        }
        ("fuzz", _) => fuzz::run(&Workspace::find()?, args),
        ("npm", args) => package::run(&Workspace::find()?, args),
        ("record", []) => {
            let workspace = Workspace::find()?;
            record::run(&workspace, &bench::mizzle(&workspace)?)
        }
        (guard::CHORE, [program, program_args @ ..]) => guard::run(program, program_args),
        _ => bail!("cannot make sense of the arguments\n\n{USAGE}"),
    }
}

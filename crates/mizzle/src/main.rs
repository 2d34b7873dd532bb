//! The `mizzle` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    mizzle::run(&mizzle::Env::from_process()).into()
}

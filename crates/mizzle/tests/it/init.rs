//! `mizzle init`: what it finds, asks and writes.

mod conversation;
mod files;
mod flags;
mod surroundings;

use crate::support::BINARY;
use mizzle_test::{MizzleCommand, TempProject};

/// A command line of `init` that finds no server of anybody else on this machine.
fn init(project: &TempProject, args: &[&str]) -> MizzleCommand {
    let args = std::iter::once("init").chain(args.iter().copied());
    project.mizzle(args).env("MIZZLE_LOCAL_PORTS", "")
}

fn empty() -> TempProject {
    TempProject::new(BINARY)
}

/// Gives the home folder a shared config file of AWS, and a trap beside it: were the file with the
/// credentials opened, the SDK's parser would fail on it.
fn set_up_aws(project: &TempProject) {
    let folder = project.home().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    let config = "[default]\nregion = eu-north-1\n[profile work]\nregion = eu-west-3\n";
    std::fs::write(folder.join("config"), config).unwrap();
    std::fs::write(folder.join("credentials"), "[default\nhunter2\n").unwrap();
}

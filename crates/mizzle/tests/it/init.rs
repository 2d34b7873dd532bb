//! `mizzle init`: its detection, prompts and files.

mod conversation;
mod files;
mod flags;
mod surroundings;

use crate::support::BINARY;
use mizzle_test::{MizzleCommand, TempProject};

/// Creates a command line of `init` that does not find other servers on this machine.
fn init(project: &TempProject, args: &[&str]) -> MizzleCommand {
    let args = std::iter::once("init").chain(args.iter().copied());
    project.mizzle(args).env("MIZZLE_LOCAL_PORTS", "")
}

fn empty() -> TempProject {
    TempProject::new(BINARY)
}

/// Creates a shared config file of AWS in the home folder, and a trap beside it: if the file with
/// the credentials were opened, the SDK's parser would fail on it.
fn set_up_aws(project: &TempProject) {
    let folder = project.home().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    let config = "[default]\nregion = eu-north-1\n[profile work]\nregion = eu-west-3\n";
    std::fs::write(folder.join("config"), config).unwrap();
    std::fs::write(folder.join("credentials"), "[default\nhunter2\n").unwrap();
}

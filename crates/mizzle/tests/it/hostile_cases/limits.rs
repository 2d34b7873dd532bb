//! Limits of the operating system, and variables that libraries read.

use super::Case;
use mizzle_test::{MizzleCommand, TempProject};
use std::{fs, os::unix::fs::PermissionsExt};

const COMMANDS: [&[&str]; 4] =
    [&["generate", "--name", "x"], &["list"], &["push", "--yes"], &["check"]];

/// Changes the start of a command.
type Start = fn(MizzleCommand) -> MizzleCommand;

fn open_to_all(project: &TempProject) {
    // Another user runs the command.
    fs::set_permissions(project.path(), fs::Permissions::from_mode(0o777)).unwrap();
}

pub(super) fn cases() -> Vec<Case> {
    let threads: [(&str, Start); 6] = [
        ("1", |command| command.limited_threads(1)),
        ("2", |command| command.limited_threads(2)),
        ("3", |command| command.limited_threads(3)),
        ("5", |command| command.limited_threads(5)),
        ("8", |command| command.limited_threads(8)),
        ("12", |command| command.limited_threads(12)),
    ];
    let files: [(&str, Start); 5] = [
        ("4", |command| command.open_files(4)),
        ("6", |command| command.open_files(6)),
        ("9", |command| command.open_files(9)),
        ("16", |command| command.open_files(16)),
        ("33", |command| command.open_files(33)),
    ];
    let stack: [(&str, Start); 3] = [
        ("64", |command| command.limited("ulimit -s 64")),
        ("256", |command| command.limited("ulimit -s 256")),
        ("1024", |command| command.limited("ulimit -s 1024")),
    ];
    let sizes: [(&str, Start); 3] = [
        ("0", |command| command.limited("ulimit -f 0")),
        ("1", |command| command.limited("ulimit -f 1")),
        ("64", |command| command.limited("ulimit -f 64")),
    ];
    // With less, the system cannot even load a program with debug information.
    let memory: [(&str, Start); 7] = [
        ("128m", |command| command.limited("ulimit -v 131072")),
        ("144m", |command| command.limited("ulimit -v 147456")),
        ("160m", |command| command.limited("ulimit -v 163840")),
        ("176m", |command| command.limited("ulimit -v 180224")),
        ("208m", |command| command.limited("ulimit -v 212992")),
        ("256m", |command| command.limited("ulimit -v 262144")),
        ("1g", |command| command.limited("ulimit -v 1048576")),
    ];
    let mut cases = Vec::new();
    for (kind, limits) in [
        ("threads", threads.as_slice()),
        ("files", &files),
        ("stack", &stack),
        ("file size", &sizes),
        ("memory", &memory),
    ] {
        for (limit, start) in limits {
            for command in COMMANDS {
                let name = format!("limits/{kind}/{limit}/{}", command.join(" "));
                let reason = "it works, or fails with 1 and a reason";
                let codes: &[i32] = if command == ["check"] { &[0, 1, 3] } else { &[0, 1] };
                let case = Case::new(name, reason, command, codes).started(*start);
                cases.push(case.prepared(open_to_all));
            }
        }
    }
    for (name, value) in [
        ("RAYON_NUM_THREADS", "1000000"),
        ("RAYON_NUM_THREADS", "0"),
        ("RAYON_NUM_THREADS", "-1"),
        ("RAYON_RS_NUM_CPUS", "1000000"),
        ("RUST_MIN_STACK", "99999999999999"),
        ("RUST_MIN_STACK", "1"),
        ("TOKIO_WORKER_THREADS", "0"),
        ("TOKIO_WORKER_THREADS", "100000"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_LOG", "trace"),
        ("COLUMNS", "0"),
        ("COLUMNS", "1"),
        ("COLUMNS", "99999999999"),
        ("LINES", "0"),
        ("TERM", ""),
        ("TERM", "\u{1b}[2J"),
        ("NO_COLOR", ""),
        ("CLICOLOR_FORCE", "1"),
        ("HOME", "/nonexistent"),
        ("HOME", ""),
        ("TMPDIR", "/nonexistent"),
        ("AWS_CONFIG_FILE", "/dev/zero"),
        ("MIZZLE_TIME_LIMIT", "NaN"),
        ("MIZZLE_TIME_LIMIT", "1e308"),
        ("MIZZLE_MEMORY_LIMIT", "-1"),
        ("MIZZLE_LOCK_LEASE", "1e999"),
        ("MIZZLE_ENDPOINT", "\u{1b}[2J"),
        ("MIZZLE_REGION", "\n"),
        ("TZ", ":/etc/passwd"),
        ("LC_ALL", "xx_YY.none"),
    ] {
        for command in [COMMANDS[0], COMMANDS[1]] {
            let shown = value.escape_debug();
            let case = Case::new(
                format!("variables/{name}={shown}/{}", command.join(" ")),
                "a variable is used, refused or ignored",
                command,
                &[0, 1, 2],
            );
            cases.push(case.variable(name, value));
        }
    }
    for command in [
        &["--version"][..],
        &["--help"],
        &["list", "--json"],
        &["push", "--help"],
        &["export", "terraform"],
        &["completions", "bash"],
    ] {
        let name = format!("limits/full disk/{}", command.join(" "));
        let case = Case::new(name, "a result that cannot be written is an error", command, &[1])
            .says("Could not write the result");
        cases.push(case.started(|command| command.writing_to("/dev/full")));
    }
    cases
}

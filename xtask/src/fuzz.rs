//! `cargo xtask fuzz`: runs the fuzz targets with libFuzzer, which is guided by coverage.
//!
//! The targets are tests as well: `cargo xtask test` runs each over its committed corpus.

use crate::workspace::{Workspace, announce};
use anyhow::{Context, bail};
use std::{ffi::OsString, fs, time::Duration};
use xshell::cmd;

/// The default time of each target.
const DEFAULT: Duration = Duration::from_secs(600);
/// The maximum length of an input, in bytes.
const MAX_LENGTH: usize = 8192;
/// The time limit of one input, in seconds.
const TIMEOUT: u32 = 10;

/// The flags that instrument the code, and enable libFuzzer in bolero.
///
/// They are those of cargo-bolero, which has no option to build only one test binary of a package:
/// binaries without a target would not link. The code has no `unsafe` of its own, so an address
/// sanitizer would only slow it down.
/// Source: <https://github.com/camshaft/bolero/blob/master/bin/cargo-bolero/src/libfuzzer.rs>.
const FLAGS: [&str; 8] = [
    "--cfg fuzzing",
    "--cfg fuzzing_libfuzzer",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-stack-depth",
];

/// A fuzz target.
struct Target {
    name: &'static str,
    package: &'static str,
    /// The test binary, as Cargo's arguments.
    binary: &'static [&'static str],
    /// The path of the test in it.
    test: &'static str,
    /// The folder that contains `__fuzz__`.
    folder: &'static str,
}

const TARGETS: [Target; 6] = [
    Target {
        name: "snapshot",
        package: "mizzle-core",
        binary: &["--test", "fuzz"],
        test: "snapshot::snapshot",
        folder: "crates/mizzle-core/tests/fuzz",
    },
    Target {
        name: "config",
        package: "mizzle-core",
        binary: &["--test", "fuzz"],
        test: "config::config",
        folder: "crates/mizzle-core/tests/fuzz",
    },
    Target {
        name: "recording",
        package: "mizzle-core",
        binary: &["--test", "fuzz"],
        test: "recording::recording",
        folder: "crates/mizzle-core/tests/fuzz",
    },
    Target {
        name: "transpiling",
        package: "mizzle-js",
        binary: &["--lib"],
        test: "transpile::fuzz::transpiling",
        folder: "crates/mizzle-js/src/transpile",
    },
    Target {
        name: "description",
        package: "mizzle-aws",
        binary: &["--lib"],
        test: "fuzz::description",
        folder: "crates/mizzle-aws/src",
    },
    Target {
        name: "ledger",
        package: "mizzle-aws",
        binary: &["--lib"],
        test: "fuzz::ledger",
        folder: "crates/mizzle-aws/src",
    },
];

/// Runs the targets one after the other: `[--seconds <n>] [<target>…]`.
///
/// # Errors
///
/// When a target fails. The failing input is kept in its `crashes` folder, where the test of the
/// same name finds it.
pub(crate) fn run(workspace: &Workspace, args: Vec<OsString>) -> anyhow::Result<()> {
    let (time, targets) = parse(args)?;
    let shell = &workspace.shell;
    let version = cmd!(shell, "rustc -vV").quiet().read()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc -vV names no host")?;
    let built = workspace.target.join("fuzz");
    for Target { name, package, binary, test, folder } in targets {
        let place = workspace.root.join(folder).join("__fuzz__").join(name);
        let (committed, crashes) = (place.join("corpus"), place.join("crashes"));
        // Found inputs are kept outside of the repository, except for failing ones.
        let found = built.join("corpus").join(name);
        for folder in [&found, &crashes] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let options = [
            found.display().to_string(),
            committed.display().to_string(),
            format!("-artifact_prefix={}/", crashes.display()),
            format!("-dict={}/xtask/fuzz/{package}.dict", workspace.root.display()),
            format!("-max_total_time={}", time.as_secs()),
            format!("-max_len={MAX_LENGTH}"),
            format!("-timeout={TIMEOUT}"),
        ];
        // With a target, the flags do not apply to build scripts and macros.
        let title = format!("{name} for {} s", time.as_secs());
        let outcome = workspace.stage(
            &title,
            cmd!(shell, "cargo test --profile fuzz --target {host} --target-dir {built}")
                .args(["--package", package])
                .args(*binary)
                .args([test, "--", "--exact", "--nocapture", "--test-threads", "1"])
                .env("RUSTFLAGS", FLAGS.join(" "))
                .env("BOLERO_LIBTEST_HARNESS", "1")
                .env("BOLERO_LIBFUZZER_ARGS", options.join(" ")),
        );
        // Only an empty folder is removed.
        let _ = fs::remove_dir(&crashes);
        outcome?;
    }
    announce("no target failed");
    Ok(())
}

fn parse(args: Vec<OsString>) -> anyhow::Result<(Duration, Vec<&'static Target>)> {
    let mut parser = lexopt::Parser::from_args(args);
    let (mut time, mut targets) = (DEFAULT, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            lexopt::Arg::Long("seconds") => {
                time = Duration::from_secs(lexopt::ValueExt::parse(&parser.value()?)?);
            }
            lexopt::Arg::Value(name) => match TARGETS.iter().find(|target| name == target.name) {
                Some(target) => targets.push(target),
                None => bail!(
                    "there is no fuzz target {name:?}; there are {}",
                    TARGETS.map(|target| target.name).join(", ")
                ),
            },
            other => return Err(other.unexpected().into()),
        }
    }
    if targets.is_empty() {
        targets.extend(&TARGETS);
    }
    Ok((time, targets))
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, TARGETS, parse};
    use std::time::Duration;

    #[test]
    fn reads_the_time_and_the_targets() {
        let (time, all) = parse(Vec::new()).unwrap();
        assert_eq!((time, all.len()), (DEFAULT, TARGETS.len()));
        let args = ["--seconds", "5", "ledger"].map(Into::into).to_vec();
        let (time, one) = parse(args).unwrap();
        assert_eq!((time, one[0].name), (Duration::from_secs(5), "ledger"));
        assert!(parse(vec!["legder".into()]).is_err());
    }

    #[test]
    fn every_target_has_a_corpus() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        for target in TARGETS {
            let corpus = format!("{root}/{}/__fuzz__/{}/corpus", target.folder, target.name);
            assert!(std::fs::read_dir(&corpus).unwrap().count() > 0, "{corpus}");
        }
    }
}

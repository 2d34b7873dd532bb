//! The machines for which there is a program.

use std::env::consts;

/// A kind of machine, with its names in Rust and npm.
#[derive(Debug)]
pub(crate) struct Platform {
    /// Rust's target triple.
    pub(crate) target: &'static str,
    /// Node's `process.platform`.
    pub(crate) os: &'static str,
    /// Node's `process.arch`.
    pub(crate) cpu: &'static str,
    /// The C library, where there are several: `glibc` or `musl`.
    pub(crate) libc: Option<&'static str>,
}

/// All platforms. `.github/workflows/release.yml` has a job for each.
pub(crate) const PLATFORMS: [Platform; 7] = [
    Platform::new("x86_64-unknown-linux-gnu", "linux", "x64", Some("glibc")),
    Platform::new("aarch64-unknown-linux-gnu", "linux", "arm64", Some("glibc")),
    Platform::new("x86_64-unknown-linux-musl", "linux", "x64", Some("musl")),
    Platform::new("aarch64-unknown-linux-musl", "linux", "arm64", Some("musl")),
    Platform::new("x86_64-apple-darwin", "darwin", "x64", None),
    Platform::new("aarch64-apple-darwin", "darwin", "arm64", None),
    Platform::new("x86_64-pc-windows-msvc", "win32", "x64", None),
];

impl Platform {
    const fn new(
        target: &'static str,
        os: &'static str,
        cpu: &'static str,
        libc: Option<&'static str>,
    ) -> Self {
        Self { target, os, cpu, libc }
    }

    /// Returns the platform of a target triple.
    pub(crate) fn of_target(target: &str) -> Option<&'static Self> {
        PLATFORMS.iter().find(|platform| platform.target == target)
    }

    /// Returns the platform of this machine, for which xtask was built.
    pub(crate) fn of_this_machine() -> Option<&'static Self> {
        let abi = match (consts::OS, cfg!(target_env = "musl")) {
            ("linux", false) => "unknown-linux-gnu",
            ("linux", true) => "unknown-linux-musl",
            ("macos", _) => "apple-darwin",
            ("windows", _) => "pc-windows-msvc",
            _ => return None,
        };
        Self::of_target(&format!("{}-{abi}", consts::ARCH))
    }

    /// Returns the package's name without its scope: `linux-x64-gnu`.
    pub(crate) fn name(&self) -> String {
        let Self { os, cpu, libc, .. } = self;
        match libc {
            None => format!("{os}-{cpu}"),
            Some("glibc") => format!("{os}-{cpu}-gnu"),
            Some(libc) => format!("{os}-{cpu}-{libc}"),
        }
    }

    /// Returns the package's name.
    pub(crate) fn package(&self) -> String {
        format!("@mizzle-cli/{}", self.name())
    }

    /// Returns the program's file name.
    pub(crate) fn executable(&self) -> &'static str {
        if self.os == "win32" { "mizzle.exe" } else { "mizzle" }
    }
}

#[cfg(test)]
mod tests {
    use super::{PLATFORMS, Platform};

    #[test]
    fn packages_are_named_as_node_names_machines() {
        let names = PLATFORMS.each_ref().map(Platform::name);
        let expected = [
            "linux-x64-gnu",
            "linux-arm64-gnu",
            "linux-x64-musl",
            "linux-arm64-musl",
            "darwin-x64",
            "darwin-arm64",
            "win32-x64",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn the_release_builds_and_publishes_all_of_them() {
        let workflow = include_str!("../../../.github/workflows/release.yml");
        let mut built: Vec<&str> = workflow
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- { target: ")?.split(',').next())
            .collect();
        built.sort_unstable();
        let mut targets = PLATFORMS.each_ref().map(|platform| platform.target);
        targets.sort_unstable();
        assert_eq!(built, targets);

        let (_, list) = workflow.split_once("for platform in ").unwrap();
        let (list, _) = list.split_once(';').unwrap();
        let published: Vec<&str> = list.split_whitespace().filter(|word| *word != "\\").collect();
        assert_eq!(published, PLATFORMS.each_ref().map(Platform::name));
    }

    #[test]
    fn this_machine_is_one_of_them() {
        let platform = Platform::of_this_machine().unwrap();
        assert!(platform.target.starts_with(std::env::consts::ARCH));
    }
}

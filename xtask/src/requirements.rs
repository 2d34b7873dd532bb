//! The required programs, and their purposes.

use crate::workspace::Workspace;
use anyhow::bail;
use xshell::cmd;

/// The oldest Java that runs DynamoDB Local.
const JAVA: u32 = 11;
/// The oldest Python that `xtask/python` pins packages for: 3.10.
const PYTHON_MINOR: u32 = 10;

/// Fails with a list of all missing programs, their purposes and how to install them.
pub(crate) fn verify(workspace: &Workspace) -> anyhow::Result<()> {
    let mut missing = Vec::new();
    for (program, purpose, debian) in [
        ("node", "npm needs it", "nodejs"),
        ("npm", "fetches DynamoDB Local, TypeScript, Node and Bun", "npm"),
    ] {
        if !workspace.has(program, None) {
            missing.push(format!("{program}: {purpose} (Debian: apt-get install {debian})"));
        }
    }
    let install_java = "(Debian: apt-get install default-jre-headless)";
    match java_version(workspace) {
        Some(version) if version >= JAVA => {}
        Some(version) => missing.push(format!(
            "java {JAVA} or newer: runs DynamoDB Local, found {version} {install_java}"
        )),
        None => missing.push(format!("java {JAVA} or newer: runs DynamoDB Local {install_java}")),
    }
    let install_python = "(Debian: apt-get install python3 python3-venv)";
    let python_purpose =
        "runs MiniStack and moto, the test servers, and boto3, the independent client";
    match python_version(workspace) {
        Some((3, minor)) if minor >= PYTHON_MINOR => {}
        Some((major, minor)) => missing.push(format!(
            "python3 3.{PYTHON_MINOR} or newer: {python_purpose}, found {major}.{minor} \
             {install_python}"
        )),
        None => missing
            .push(format!("python3 3.{PYTHON_MINOR} or newer: {python_purpose} {install_python}")),
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("the tests need programs that are not on this machine:\n  {}", missing.join("\n  "))
}

fn java_version(workspace: &Workspace) -> Option<u32> {
    // Java prints its version on stderr.
    let told = cmd!(workspace.shell, "java -version").quiet().read_stderr().ok()?;
    major_version(&told)
}

/// Reads `17` out of `openjdk version "17.0.15" 2025-04-15`, and `8` out of `version "1.8.0_402"`.
fn major_version(told: &str) -> Option<u32> {
    let (_, version) = told.split_once("version \"")?;
    let version = version.strip_prefix("1.").unwrap_or(version);
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

fn python_version(workspace: &Workspace) -> Option<(u32, u32)> {
    let told = cmd!(workspace.shell, "python3 --version").quiet().ignore_stderr().read().ok()?;
    major_and_minor(&told)
}

/// Reads `(3, 11)` out of `Python 3.11.7`.
fn major_and_minor(told: &str) -> Option<(u32, u32)> {
    let mut numbers = told.strip_prefix("Python ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{major_and_minor, major_version};

    #[test]
    fn reads_the_version_of_python() {
        for (told, version) in [
            ("Python 3.11.7", Some((3, 11))),
            ("Python 3.9.6", Some((3, 9))),
            ("Python 3.14.0rc2", Some((3, 14))),
            ("python3: command not found", None),
        ] {
            assert_eq!(major_and_minor(told), version, "{told}");
        }
    }

    #[test]
    fn reads_the_major_version_of_java() {
        for (told, version) in [
            ("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime", Some(17)),
            ("java version \"1.8.0_402\"", Some(8)),
            ("openjdk version \"25\" 2025-09-16", Some(25)),
            ("openjdk version \"24-ea\" 2025-03-18", Some(24)),
            ("bash: java: command not found", None),
        ] {
            assert_eq!(major_version(told), version, "{told}");
        }
    }
}

//! Determines whether a process of this machine has ended.
//!
//! A process id alone is not unique: ids are reused, and every container counts its own. So the
//! name of a process contains the boot of the machine, its namespace of process ids, and its start
//! time. Only Linux provides all three; on other systems the answer is always unknown.

use mizzle_core::ledger::Owner;

/// Returns the name of this process; `None` if the system does not provide it.
pub(crate) fn own_name() -> Option<String> {
    linux::name(std::process::id())
}

/// True if the process that holds a lock has certainly ended.
pub(crate) fn owner_has_ended(owner: &Owner) -> bool {
    owner.process.as_ref().is_some_and(|name| linux::has_ended(owner.pid, name))
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    /// Returns `<boot>/<namespace>/<start>`.
    pub(super) fn name(pid: u32) -> Option<String> {
        let (place, start) = (place()?, start(pid)?);
        Some(format!("{place}/{start}"))
    }

    pub(super) fn has_ended(pid: u32, name: &str) -> bool {
        let Some((place, started)) = name.rsplit_once('/') else { return false };
        // If other users' processes are hidden, an invisible process may still run.
        let sees_others = start(1).is_some();
        let is_here = self::place().is_some_and(|here| here == place);
        is_here && sees_others && start(pid).is_none_or(|start| start != started)
    }

    /// Returns the boot of the machine, and the namespace of process ids.
    fn place() -> Option<String> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
        Some(format!("{}/{}", boot.trim(), namespace.display()))
    }

    /// Returns the start of a process in ticks since the boot; `None` if no process has this id, or
    /// it is a zombie.
    /// Source: proc_pid_stat(5), the fields 3 (state) and 22 (starttime).
    fn start(pid: u32) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field, the name in parentheses, may contain any character.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let is_ended = matches!(*fields.first()?, "Z" | "X" | "x");
        (!is_ended).then(|| fields.get(19).map(|start| (*start).to_owned()))?
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::process::{Command, Stdio};

        #[test]
        fn a_process_has_ended_once_it_has() {
            let mut child =
                Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
            let (pid, own) = (child.id(), std::process::id());
            let child_name = name(pid).unwrap();
            assert!(!has_ended(pid, &child_name));
            assert!(!has_ended(own, &name(own).unwrap()));
            // The id was reused by another process.
            assert!(has_ended(own, &child_name.replacen(&start(pid).unwrap(), "1", 1)));
            drop(child.stdin.take());
            child.wait().unwrap();
            assert!(has_ended(pid, &child_name));
            // Processes of another machine, boot or container are unknown.
            let (_, start) = child_name.rsplit_once('/').unwrap();
            assert!(!has_ended(pid, &format!("elsewhere/{start}")));
            assert!(!has_ended(pid, ""));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    pub(super) fn name(_pid: u32) -> Option<String> {
        None
    }

    pub(super) fn has_ended(_pid: u32, _name: &str) -> bool {
        false
    }
}

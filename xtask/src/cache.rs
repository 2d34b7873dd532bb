//! Downloads that are fetched once and kept under `target/xtask`.

use crate::workspace::{Workspace, announce};
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// The kept downloads, locked for this process until the value is dropped.
pub(crate) struct Cache<'a> {
    folder: &'a Path,
    _lock: File,
}

impl<'a> Cache<'a> {
    /// Waits until no other xtask uses the kept downloads.
    pub(crate) fn lock(workspace: &'a Workspace) -> anyhow::Result<Self> {
        let folder = &workspace.kept;
        let describe = || format!("cannot use {}", folder.display());
        fs::create_dir_all(folder).with_context(describe)?;
        let lock = File::create(folder.join("lock")).with_context(describe)?;
        lock.lock().with_context(describe)?;
        Ok(Self { folder, _lock: lock })
    }

    /// Returns the folder `name`, and fills it with `fill` if needed; `key` identifies all inputs
    /// of its content.
    ///
    /// The folder is valid only with its stamp, which is written last: after an interrupted fetch
    /// the next run starts again.
    pub(crate) fn ensure(
        &self,
        name: &str,
        key: &str,
        fill: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        let stamp = folder.join("stamp");
        if fs::read_to_string(&stamp).is_ok_and(|found| found == key) {
            return Ok(folder);
        }
        announce(&format!("fetching {name}"));
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fill(&folder).with_context(|| format!("could not fetch {name}"))?;
        // A rename is atomic, a write is not.
        let unfinished = folder.join("stamp.unfinished");
        fs::write(&unfinished, key)?;
        fs::rename(&unfinished, &stamp)?;
        Ok(folder)
    }
}

/// Returns the SHA-256 of the concatenated parts, in hexadecimal.
pub(crate) fn sha256<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cache, sha256};
    use crate::workspace::Workspace;
    use anyhow::bail;
    use std::fs;

    fn workspace(folder: &tempfile::TempDir) -> Workspace {
        Workspace {
            root: folder.path().to_owned(),
            target: folder.path().join("target"),
            kept: folder.path().join("kept"),
            shell: xshell::Shell::new().unwrap(),
        }
    }

    #[test]
    fn fetches_once_and_again_when_the_key_changes() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = workspace(&folder);
        let cache = Cache::lock(&workspace).unwrap();
        let mut fetched = Vec::new();
        for key in ["one", "one", "two", "two"] {
            let kept = cache
                .ensure("thing", key, |folder| {
                    fetched.push(key);
                    Ok(fs::write(folder.join("content"), key)?)
                })
                .unwrap();
            assert_eq!(fs::read_to_string(kept.join("content")).unwrap(), key);
        }
        assert_eq!(fetched, ["one", "two"]);
    }

    #[test]
    fn an_interrupted_fetch_leaves_nothing_that_counts() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = workspace(&folder);
        let cache = Cache::lock(&workspace).unwrap();
        cache
            .ensure("thing", "key", |folder| {
                fs::write(folder.join("half"), "")?;
                bail!("the connection broke")
            })
            .unwrap_err();
        let kept = cache.ensure("thing", "key", |_| Ok(())).unwrap();
        assert!(!kept.join("half").exists());
        assert!(kept.join("stamp").exists());
    }

    #[test]
    fn hashes_parts_as_one() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256([b"abc".as_slice()]), abc);
        assert_eq!(sha256([b"a".as_slice(), b"bc".as_slice()]), abc);
    }
}

//! Read access to files.

use super::{set, throw_coded};
use crate::graph::read::{self, ReadError};
use rquickjs::{Ctx, Object, Result, TypedArray};
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

pub(super) fn add<'js>(host: &Object<'js>) -> Result<()> {
    set(host, "readFile", |ctx: Ctx<'js>, path: String| {
        let bytes =
            read::bytes(Path::new(&path)).map_err(|error| throw_unreadable(&ctx, &error, &path))?;
        // Copied into the engine's own memory, which is limited.
        TypedArray::<u8>::new_copy(ctx, bytes)
    })?;
    set(host, "exists", |path: String| Path::new(&path).exists())?;
    set(host, "stat", |ctx: Ctx<'js>, path: String, follow: bool, call: String| {
        let metadata = if follow { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
        match metadata {
            Ok(metadata) => describe(&ctx, &metadata),
            Err(error) => Err(throw_io(&ctx, &error, &call, &path)),
        }
    })?;
    set(host, "readDirectory", |ctx: Ctx<'js>, path: String| -> Result<Vec<Vec<String>>> {
        let list = || -> io::Result<Vec<Vec<String>>> {
            fs::read_dir(&path)?
                .map(|entry| {
                    let entry = entry?;
                    let name = entry.file_name().to_string_lossy().into_owned();
                    Ok(vec![name, kind(entry.file_type()?).to_owned()])
                })
                .collect()
        };
        let mut entries = list().map_err(|error| throw_io(&ctx, &error, "scandir", &path))?;
        entries.sort();
        Ok(entries)
    })?;
    set(host, "realPath", |ctx: Ctx<'js>, path: String| match dunce::canonicalize(&path) {
        Ok(real) => Ok(real.to_string_lossy().into_owned()),
        Err(error) => Err(throw_io(&ctx, &error, "realpath", &path)),
    })?;
    set(host, "readLink", |ctx: Ctx<'js>, path: String| match fs::read_link(&path) {
        Ok(target) => Ok(target.to_string_lossy().into_owned()),
        Err(error) => Err(throw_io(&ctx, &error, "readlink", &path)),
    })
}

fn kind(file_type: FileType) -> &'static str {
    if file_type.is_dir() {
        "directory"
    } else if file_type.is_symlink() {
        "link"
    } else if file_type.is_file() {
        "file"
    } else {
        "other"
    }
}

/// Returns kind, size in bytes, modification time in milliseconds, mode.
fn describe<'js>(ctx: &Ctx<'js>, metadata: &Metadata) -> Result<rquickjs::Array<'js>> {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mode = if metadata.permissions().readonly() { 0o444 } else { 0o644 };
    let array = rquickjs::Array::new(ctx.clone())?;
    array.set(0, kind(metadata.file_type()))?;
    array.set(1, metadata.len() as f64)?;
    array.set(2, changed.map_or(0.0, |changed| changed.as_secs_f64() * 1e3))?;
    array.set(3, mode)?;
    Ok(array)
}

fn throw_unreadable(ctx: &Ctx<'_>, error: &ReadError, path: &str) -> rquickjs::Error {
    let code = match error {
        ReadError::Io(error) => return throw_io(ctx, error, "open", path),
        ReadError::Directory => "EISDIR",
        ReadError::NotRegular => "EINVAL",
        ReadError::TooLarge(_) => "ERR_FS_FILE_TOO_LARGE",
        ReadError::NotUtf8 { .. } => "EILSEQ",
    };
    throw_coded(ctx, code, &format!("{code}: {}, read '{path}'", error.reason()))
}

fn throw_io(ctx: &Ctx<'_>, error: &io::Error, call: &str, path: &str) -> rquickjs::Error {
    let (code, text) = match error.kind() {
        io::ErrorKind::NotFound => ("ENOENT", "no such file or directory".to_owned()),
        io::ErrorKind::PermissionDenied => ("EACCES", "permission denied".to_owned()),
        io::ErrorKind::NotADirectory => ("ENOTDIR", "not a directory".to_owned()),
        io::ErrorKind::IsADirectory => ("EISDIR", "is a directory".to_owned()),
        _ => ("EIO", error.to_string()),
    };
    throw_coded(ctx, code, &format!("{code}: {text}, {call} '{path}'"))
}

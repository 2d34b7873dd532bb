//! Finds circular imports between the modules of every crate, and forbidden imports (see
//! [`BOUNDARIES`]).
//!
//! At each level of a crate, its root and every module with children, the children are the nodes of
//! a graph: one points at another if any code in it, at any depth, uses an item in the other.
//! Children that can reach each other form a circle, which is an error: none of them can be read,
//! tested or moved without the others. A parent and its child are not a circle: `mod.rs` uses its
//! children, and they use the types that it defines. A use through a re-export counts for the
//! module that re-exports, and for the one that defines. Tests (`#[cfg(test)]`) do not count, and
//! hubs do not (see [`HUBS`]).

mod modules;
mod paths;
mod walls;

use crate::workspace::{Workspace, announce, refuse};
use anyhow::Context;
use modules::Crate;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
};
use walls::{BOUNDARIES, Boundary, HUBS, Hub};

/// The maximum number of places that are shown for a use.
const MAX_SHOWN: usize = 3;

/// Modules that use each other.
#[derive(Debug, PartialEq, Eq)]
struct Circle {
    /// The parent module: `mizzle_core::plan`.
    level: String,
    members: BTreeSet<String>,
    uses: Uses,
}

/// The places at which one child of a module uses another.
type Uses = BTreeMap<(String, String), Vec<Place>>;

/// The uses between the children of each module of a crate, by its path.
type Levels = BTreeMap<String, Uses>;

/// A line of a file, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    file: PathBuf,
    line: usize,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<&str> = self.members.iter().map(String::as_str).collect();
        writeln!(f, "{}: {}", self.level, members.join(", "))?;
        self.uses.iter().try_for_each(|(edge, places)| f.write_str(&line(edge, places)))
    }
}

/// Returns a use of one module by another, with its places.
fn line((from, to): &(String, String), places: &[Place]) -> String {
    let shown = places.iter().take(MAX_SHOWN);
    let shown: Vec<String> =
        shown.map(|Place { file, line }| format!("{}:{line}", file.display())).collect();
    let more = match places.len().saturating_sub(MAX_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("    {from} -> {to}  {}{more}\n", shown.join(", "))
}

/// Checks every crate of the workspace.
///
/// # Errors
///
/// When there is a circle, or a use crosses a boundary.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    announce("circles of imports");
    let root = &workspace.root;
    let mut folders = vec![root.join("xtask")];
    for entry in fs::read_dir(root.join("crates"))? {
        folders.push(entry?.path());
    }
    folders.sort();
    let read = |file: &Path| fs::read_to_string(root.join(file)).ok();
    let mut crates = Vec::new();
    for folder in folders {
        let folder = folder.strip_prefix(root)?;
        let name = folder.file_name().context("a crate has a name")?.to_string_lossy();
        for file in ["lib.rs", "main.rs"] {
            let file = folder.join("src").join(file);
            if root.join(&file).is_file() {
                crates.push(levels(&name.replace('-', "_"), &Crate::read(&file, &read)?));
            }
        }
    }
    check_boundaries(&crates, &BOUNDARIES)?;
    let circles: Vec<Circle> = crates.into_iter().flat_map(|levels| find(levels, &HUBS)).collect();
    judge(&circles)
}

/// Checks that no use crosses a boundary, and that the modules of each boundary exist.
fn check_boundaries(crates: &[Levels], boundaries: &[Boundary]) -> anyhow::Result<()> {
    let mut problems = String::new();
    for Boundary { level, module, closed } in boundaries {
        let uses = || crates.iter().filter_map(|levels| levels.get(*level)).flatten();
        for name in std::iter::once(module).chain(*closed) {
            if !uses().any(|((from, to), _)| from == name || to == name) {
                problems += &format!(
                    "{level}: there is no module {name}: update xtask/src/circles/walls.rs\n"
                );
            }
        }
        let is_closed = |to: &String| closed.iter().any(|closed| closed == to);
        for (edge, places) in uses().filter(|((from, to), _)| from == module && is_closed(to)) {
            problems += &format!("{level}: {module} may not use this:\n{}", line(edge, places));
        }
    }
    refuse(&problems)
}

/// Fails with a list of the circles.
fn judge(circles: &[Circle]) -> anyhow::Result<()> {
    let problems = circles.iter();
    let problems =
        problems.map(|circle| format!("these modules use each other in a circle, in {circle}"));
    refuse(&problems.collect::<String>())
}

/// Returns the uses in a crate, by level.
fn levels(name: &str, source: &Crate) -> Levels {
    let mut levels = Levels::new();
    for (from, to, place) in source.uses() {
        let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        let (Some(one), Some(other)) = (from.get(shared), to.get(shared)) else { continue };
        let level = [&[name.to_owned()], &from[..shared]].concat().join("::");
        let uses = levels.entry(level).or_default();
        uses.entry((one.clone(), other.clone())).or_default().push(place);
    }
    levels
}

/// Returns the circles of a crate, at every level, without the hubs.
fn find(levels: Levels, hubs: &[Hub]) -> Vec<Circle> {
    let mut circles = Vec::new();
    for (level, mut uses) in levels {
        for hub in hubs.iter().filter(|hub| hub.level == level) {
            uses.retain(|(from, to), _| from != hub.module && to != hub.module);
        }
        let members = |uses: &Uses| -> BTreeSet<String> {
            uses.keys().map(|(from, _)| from.clone()).collect()
        };
        let mut left = members(&uses);
        while let Some(first) = left.pop_first() {
            let reached = reachable(&first, &uses);
            if !reached.contains(&first) {
                continue;
            }
            let members: BTreeSet<String> = reached
                .into_iter()
                .filter(|other| reachable(other, &uses).contains(&first))
                .collect();
            left.retain(|other| !members.contains(other));
            let within = uses
                .iter()
                .filter(|((from, to), _)| members.contains(from) && members.contains(to));
            let within = within.map(|(edge, places)| (edge.clone(), places.clone())).collect();
            circles.push(Circle { level: level.clone(), members, uses: within });
        }
    }
    circles
}

/// Returns the modules that one reaches by one use or more.
fn reachable(from: &str, uses: &Uses) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(one) = open.pop() {
        let next = uses.keys().filter(|(from, _)| *from == one).map(|(_, to)| to);
        open.extend(next.filter(|to| reached.insert((*to).clone())).cloned());
    }
    reached
}

#[cfg(test)]
mod tests;

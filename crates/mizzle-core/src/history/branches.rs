//! Rebases merged branches of migrations: those of one branch stay, those of the others come after
//! them, each with a new number and a new parent.

use super::{
    Conflict, History, HistoryProblem, HistoryProblemKind as Kind, Tables,
    chain::{Chain, Parent},
    rebase,
};
use crate::snapshot::{MigrationName, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// A rebased migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebased {
    /// The former name.
    pub from: MigrationName,
    /// The new name.
    pub to: MigrationName,
    /// The former tables before and after it.
    pub was: [Tables; 2],
    /// The new tables before it.
    pub before: Tables,
    /// The new snapshot.
    pub snapshot: Snapshot,
}

/// An error that prevents a rebase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebaseError {
    /// The history has other problems, so the branches may be incomplete.
    #[error("The migrations are not complete")]
    Unsound(Vec<HistoryProblem>),
    /// A migration that should move comes before the branches, or all branches should move.
    #[error(
        "{migration} cannot move: branches begin with {}, and one of them has to stay",
        listed(branches)
    )]
    Stays {
        /// The migration.
        migration: MigrationName,
        /// The first migration of each branch.
        branches: Vec<MigrationName>,
    },
    /// Two branches start with the same change, so that a later migration may follow either.
    #[error(
        "{migration} may follow either of {}: they have the same parent and hold the same tables",
        listed(twins)
    )]
    Ambiguous {
        /// The later migration.
        migration: MigrationName,
        /// The migrations that it may follow.
        twins: Vec<MigrationName>,
    },
    /// The branches conflict.
    #[error("{migration} cannot come after {behind}, because their branches do not go together")]
    Conflicts {
        /// The migration of the branch that should move.
        migration: MigrationName,
        /// The migration that it would come after.
        behind: MigrationName,
        /// The conflicts.
        conflicts: Vec<Conflict>,
    },
    /// The number would be too high.
    #[error("There is no number after that of {0}")]
    NoNumber(MigrationName),
}

fn listed(names: &[MigrationName]) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        names => names.concat(),
    }
}

/// Rebases the branches of a history. Returns the migrations that move, in their new order; none if
/// the history has no branches.
///
/// Of the branches that start from one snapshot, the one whose first migration is lowest by number
/// and name stays; the others come after it in that order. Branches of the migrations in `moved`
/// move instead.
///
/// # Errors
///
/// Files are missing or cannot be read, `moved` is impossible, or the branches conflict.
pub fn rebase_branches(
    history: &History,
    moved: &BTreeSet<MigrationName>,
) -> Result<Vec<Rebased>, RebaseError> {
    Tree::of(history, moved)?.in_line()
}

/// The tree of migrations by their parents.
struct Tree<'a> {
    chain: Chain<'a>,
    baseline: &'a Tables,
    /// The parent of each migration; `None` for the state before all.
    parents: BTreeMap<usize, Option<usize>>,
    /// The migrations that should move.
    moved: BTreeSet<usize>,
    /// The migrations that should move, and all their ancestors.
    leads_to_moved: BTreeSet<usize>,
}

impl<'a> Tree<'a> {
    fn of(history: &'a History, moved: &BTreeSet<MigrationName>) -> Result<Self, RebaseError> {
        let chain = Chain::of(history);
        let ours = chain.first_format..chain.migrations.len();
        let mut obstacles = Vec::new();
        for position in ours.clone() {
            // A script that cannot be run matters only if it moves.
            let problems = chain.files(position).into_iter();
            obstacles.extend(problems.filter(|problem| problem.kind != Kind::UnreadableScript));
            let parent = chain.snapshot(position).map(|snapshot| chain.parent(snapshot));
            if matches!(parent, Some(Parent::Missing)) {
                obstacles.extend(chain.parentage(position));
            }
        }
        let Some(baseline) = chain.baseline.filter(|_| obstacles.is_empty()) else {
            obstacles.extend(super::baseline(history));
            return Err(RebaseError::Unsound(obstacles));
        };
        let is_moved = |position: &usize| moved.contains(&chain.migrations[*position].name);
        let moved: BTreeSet<usize> = ours.clone().filter(is_moved).collect();
        let mut parents = BTreeMap::new();
        for position in ours {
            parents.insert(position, parent(&chain, position, &moved)?);
        }
        let mut leads_to_moved = BTreeSet::new();
        for position in &moved {
            let mut at = Some(*position);
            while let Some(position) = at.filter(|position| leads_to_moved.insert(*position)) {
                at = parents.get(&position).copied().flatten();
            }
        }
        Ok(Self { chain, baseline, parents, moved, leads_to_moved })
    }

    /// Returns the children of a migration: first those that stay, then those that move.
    fn children(&self, parent: Option<usize>) -> Vec<usize> {
        let children = self.parents.iter().filter(|(_, other)| **other == parent);
        let mut children: Vec<usize> = children.map(|(child, _)| *child).collect();
        children.sort_by_key(|child| self.leads_to_moved.contains(child));
        children
    }

    fn in_line(&self) -> Result<Vec<Rebased>, RebaseError> {
        let mut rebased: Vec<Rebased> = Vec::new();
        let mut branches: Vec<usize> = Vec::new();
        // The last migration in the new order; `stays` is true until the first branch ends.
        let mut end: Option<(MigrationName, Snapshot)> = None;
        let mut stays = true;
        let mut waiting = Vec::new();
        let mut next = self.children(None);
        loop {
            if next.len() > 1 && branches.is_empty() {
                branches.clone_from(&next);
            }
            waiting.extend(next.into_iter().rev());
            let Some(position) = waiting.pop() else { break };
            next = self.children(Some(position));
            let Some(own) = self.chain.snapshot(position) else { continue };
            end = Some(match end {
                Some((behind, before)) if !stays => {
                    let moved = self.behind(position, own, &behind, &before)?;
                    let end = (moved.to.clone(), moved.snapshot.clone());
                    rebased.push(moved);
                    end
                }
                Some(_) | None => (self.name(position), own.clone()),
            });
            // Where the first branch ends, the next one is appended.
            stays &= !next.is_empty();
        }
        let has_moved = |position: &&usize| {
            rebased.iter().any(|moved| moved.from == self.chain.migrations[**position].name)
        };
        let stayed = self.moved.iter().find(|position| !has_moved(position));
        if let Some(position) = stayed.filter(|_| !branches.is_empty()) {
            let branches = branches.into_iter().map(|position| self.name(position)).collect();
            return Err(RebaseError::Stays { migration: self.name(*position), branches });
        }
        Ok(rebased)
    }

    /// Returns a migration rebased onto another one.
    fn behind(
        &self,
        position: usize,
        own: &Snapshot,
        behind: &MigrationName,
        before: &Snapshot,
    ) -> Result<Rebased, RebaseError> {
        let from = self.name(position);
        let parent = self.parents.get(&position).copied().flatten();
        let parent = parent.and_then(|parent| self.chain.snapshot(parent));
        let common = parent.map_or(self.baseline, |parent| &parent.tables);
        let after = rebase(common, &own.tables, &before.tables).map_err(|conflicts| {
            let (migration, behind) = (from.clone(), behind.clone());
            RebaseError::Conflicts { migration, behind, conflicts }
        })?;
        let number =
            behind.number.checked_add(1).ok_or_else(|| RebaseError::NoNumber(behind.clone()))?;
        Ok(Rebased {
            to: MigrationName { number, name: from.name.clone() },
            from,
            was: [common.clone(), own.tables.clone()],
            before: before.tables.clone(),
            snapshot: Snapshot::new(Some(before.id), after.values()),
        })
    }

    fn name(&self, position: usize) -> MigrationName {
        self.chain.migrations[position].name.clone()
    }
}

/// Returns the parent of a migration. Two migrations that make the same change to the same state
/// have the same snapshot; a migration with such parents follows the one that moves only if it
/// moves itself.
fn parent(
    chain: &Chain<'_>,
    position: usize,
    moved: &BTreeSet<usize>,
) -> Result<Option<usize>, RebaseError> {
    let id = chain.snapshot(position).and_then(|snapshot| snapshot.parent_id);
    let Some(id) = id else { return Ok(None) };
    let is_parent =
        |other: &usize| chain.snapshot(*other).is_some_and(|snapshot| snapshot.id == id);
    let twins: Vec<usize> = (0..chain.migrations.len()).filter(is_parent).collect();
    let moves = moved.contains(&position);
    let is_alike = |twin: &&usize| moved.contains(*twin) == moves;
    let mut alike = twins.iter().filter(is_alike);
    match (twins.as_slice(), alike.next(), alike.next()) {
        ([only], _, _) => Ok(Some(*only)),
        (_, Some(parent), None) => Ok(Some(*parent)),
        (twins, _, _) => {
            let name = |position: &usize| chain.migrations[*position].name.clone();
            let twins = twins.iter().map(name).collect();
            Err(RebaseError::Ambiguous { migration: name(&position), twins })
        }
    }
}

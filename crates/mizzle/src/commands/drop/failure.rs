//! Error messages for tables that were not dropped.

use crate::{
    errors::{CommandError, ErrorKind},
    report::{DropReport, Skip, SkippedTable},
};
use mizzle_core::{
    apply::StepError,
    plan::{Call, Plan, StepId},
};
use std::collections::BTreeSet;

/// A hint for a protected table.
pub(super) const UNPROTECT: &str = "--unprotect lifts the protection and deletes it";

/// The problems of a run.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// The errors of tables that failed.
    pub(super) errors: Vec<CommandError>,
    /// Warnings about tables that are left in a worse state than before.
    pub(super) half_done: Vec<String>,
}

/// Returns the reason why some of the named tables still exist; `None` if all are deleted.
///
/// A refusal only if nothing was done at all: otherwise the run succeeded in part and failed in
/// part.
pub(super) fn failure(report: &DropReport, trouble: &Trouble) -> Option<CommandError> {
    let left: Vec<&SkippedTable> =
        report.skipped.iter().filter(|skipped| skipped.skip != Skip::Gone).collect();
    let Trouble { errors, half_done } = trouble;
    let is_cut_short = left.iter().any(|left| left.skip == Skip::NotBegun)
        || errors.iter().any(|error| error.kind == ErrorKind::Interrupted);
    let refused = left.iter().find(|left| is_refusal(left.skip));
    let refused = refused.filter(|_| report.dropped.is_empty());
    let mut failure = match (errors.first(), refused, left.first()) {
        _ if is_cut_short => CommandError::cut_short(),
        (Some(error), _, _) => CommandError::new(ErrorKind::Failed, error.code, ""),
        (None, Some(left), _) => CommandError::new(ErrorKind::Refused, code(left.skip), ""),
        (None, None, Some(left)) => CommandError::new(ErrorKind::Failed, code(left.skip), ""),
        (None, None, None) => return None,
    };
    for line in half_done {
        failure.add_line(line);
    }
    for skipped in left.iter().filter(|left| left.skip != Skip::NotBegun) {
        failure.add_line(&skipped.reason);
        if let Some(hint) = &skipped.hint {
            failure.hint_once(hint);
        }
    }
    failure.add_news(errors);
    Some(failure)
}

/// True if dropping such a table takes a flag or another command.
fn is_refusal(skip: Skip) -> bool {
    match skip {
        Skip::OtherEnvironment | Skip::Protected | Skip::NotPossible | Skip::NoBackups => true,
        Skip::Gone | Skip::Misspelt | Skip::NotBegun => false,
    }
}

/// Returns the error code in `--json`.
fn code(skip: Skip) -> &'static str {
    match skip {
        Skip::Gone | Skip::Misspelt => "not-found",
        Skip::OtherEnvironment => "other-environment",
        Skip::Protected => "protected",
        Skip::NotPossible => "not-possible",
        Skip::NoBackups => "no-backups",
        Skip::NotBegun => "interrupted",
    }
}

/// True if the table was protected after it was described.
pub(super) fn is_protected_meanwhile(error: &StepError) -> bool {
    let StepError::Service(error) = error else { return false };
    error.operation == "DeleteTable" && error.message.contains("protect")
}

/// Returns a message for each table that has lost its protection and still exists.
pub(super) fn half_done(plan: &Plan, applied: &BTreeSet<&StepId>) -> Vec<String> {
    let unprotected = plan.by_table().filter_map(|steps| {
        let [lift, delete] = steps else { return None };
        let is_lifted = matches!(lift.call, Call::UpdateTable(_)) && applied.contains(&lift.id);
        (is_lifted && !applied.contains(&delete.id)).then(|| delete.table())
    });
    let say = |table| {
        format!(
            "{table} is not protected against being deleted any more, and was not deleted: protect it again, unless you drop it again"
        )
    };
    unprotected.map(say).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::DropReport, server::TargetName};

    fn report(dropped: &[&str], skips: &[Skip]) -> DropReport {
        let target = TargetName {
            environment: None,
            endpoint: "local".to_owned(),
            region: "us-east-1".to_owned(),
            account: None,
            file: None,
            served_at: None,
            is_local: true,
        };
        let mut report = DropReport::new(target, dropped.len() + skips.len());
        report.dropped = dropped.iter().map(|name| (*name).to_owned()).collect();
        report.skipped = skips
            .iter()
            .map(|skip| SkippedTable {
                name: "Shop".to_owned(),
                reason: format!("{skip:?}"),
                hint: None,
                skip: *skip,
            })
            .collect();
        report
    }

    fn kind(dropped: &[&str], skips: &[Skip], errors: &[ErrorKind]) -> Option<ErrorKind> {
        let error = |kind: &ErrorKind| CommandError::new(*kind, "service", "it failed");
        let trouble = Trouble { errors: errors.iter().map(error).collect(), ..Trouble::default() };
        failure(&report(dropped, skips), &trouble).map(|failure| failure.kind)
    }

    #[test]
    fn success_is_when_every_named_table_is_gone() {
        assert_eq!(kind(&["Orders"], &[], &[]), None);
        assert_eq!(kind(&["Orders"], &[Skip::Gone], &[]), None);
        assert_eq!(kind(&[], &[Skip::Gone, Skip::Gone], &[]), None);
    }

    #[test]
    fn refused_is_only_what_is_refused_as_a_whole() {
        for skip in [Skip::OtherEnvironment, Skip::Protected, Skip::NotPossible, Skip::NoBackups] {
            assert_eq!(kind(&[], &[skip], &[]), Some(ErrorKind::Refused));
            assert_eq!(
                kind(&[], &[Skip::Gone, Skip::Misspelt, skip], &[]),
                Some(ErrorKind::Refused)
            );
            assert_eq!(kind(&["Orders"], &[skip], &[]), Some(ErrorKind::Failed));
            assert_eq!(kind(&[], &[skip], &[ErrorKind::Failed]), Some(ErrorKind::Failed));
        }
        assert_eq!(kind(&[], &[Skip::Misspelt], &[]), Some(ErrorKind::Failed));
        assert_eq!(kind(&["Orders"], &[Skip::Misspelt], &[]), Some(ErrorKind::Failed));
    }

    #[test]
    fn interrupted_is_what_was_cut_short() {
        let interrupted = Some(ErrorKind::Interrupted);
        assert_eq!(kind(&["Orders"], &[Skip::NotBegun], &[]), interrupted);
        assert_eq!(kind(&[], &[Skip::Protected, Skip::NotBegun], &[]), interrupted);
        assert_eq!(kind(&[], &[], &[ErrorKind::Failed, ErrorKind::Interrupted]), interrupted);
    }

    #[test]
    fn everything_is_said_once() {
        let error =
            |message: &str| CommandError::new(ErrorKind::Failed, "service", message).hint("go on");
        let trouble = Trouble {
            errors: vec![error("Orders failed"), error("Users failed")],
            half_done: vec!["Users is not protected".to_owned()],
        };
        let failure = failure(&report(&[], &[Skip::Gone, Skip::Misspelt]), &trouble).unwrap();
        assert_eq!(
            failure.message,
            "Users is not protected\nMisspelt\nOrders failed\nUsers failed"
        );
        assert_eq!(failure.hints, ["go on"]);
    }
}

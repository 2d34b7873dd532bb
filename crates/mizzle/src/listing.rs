//! Lists all tables of a server, and describes them as far as the credentials allow.

use crate::{
    errors::{CommandError, ErrorKind},
    explain::explain,
    report::{ListedTable, Untold},
    server::{Target, TargetName},
    settings::DEFAULT_CONCURRENCY,
    ui::Ui,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use mizzle_aws::PartialDescription;
use mizzle_core::{apply::ServiceError, model::AuxiliarySettings, text};

/// Returns the names of all tables. Shows the count so far if this takes long.
pub(crate) async fn names(target: &Target, ui: &Ui) -> Result<Vec<String>, CommandError> {
    let wait = ui.wait("Listing tables", None);
    let listed = |so_far: usize| {
        let so_far = text::grouped(so_far as u64);
        wait.note(format!("Listing tables: {so_far} so far"), false);
    };
    let names = target.control.list_tables_telling(listed).await;
    names.map_err(|error| explain(&error, &target.name))
}

/// Describes tables concurrently, and shows the progress. Omits tables that no longer exist;
/// returns the errors of tables and settings that could not be described.
pub(crate) async fn described(
    names: Vec<String>,
    extras: AuxiliarySettings,
    target: &Target,
    ui: &Ui,
) -> Result<(Vec<ListedTable>, Vec<ServiceError>), CommandError> {
    let wait = ui.wait("Describing tables", Some(names.len()));
    let answers: Vec<(String, Result<Option<PartialDescription>, ServiceError>)> =
        stream::iter(names)
            .map(async |name| {
                let answer = target.control.describe_in_part(&name, extras).await;
                wait.advance();
                match answer {
                    Err(error) if error.kind.concerns_every_table() => Err(error),
                    answer => Ok((name, answer)),
                }
            })
            .buffered(DEFAULT_CONCURRENCY)
            .try_collect()
            .await
            .map_err(|error| explain(&error, &target.name))?;
    drop(wait);
    let (mut tables, mut errors) = (Vec::with_capacity(answers.len()), Vec::new());
    for (name, answer) in answers {
        let (description, reasons) = match answer {
            Ok(None) => continue,
            Ok(Some(PartialDescription { table, missing })) => (
                Some(table),
                missing.into_iter().map(|(extra, error)| (Some(extra), error)).collect(),
            ),
            Err(error) => (None, vec![(None, error)]),
        };
        let untold = reasons.iter().map(|(extra, error)| Untold {
            setting: *extra,
            code: explain(error, &target.name).code,
            reason: error.to_string(),
        });
        let untold = untold.collect();
        errors.extend(reasons.into_iter().map(|(_, error)| error));
        tables.push(ListedTable { name, description, untold });
    }
    Ok((tables, errors))
}

/// Returns the error of an incomplete list. An error that several tables share names the first of
/// them and the number of the others.
pub(crate) fn failure(errors: &[ServiceError], target: &TargetName) -> Option<CommandError> {
    let alike = |a: &ServiceError, b: &ServiceError| {
        (a.operation, a.kind, &a.code) == (b.operation, b.kind, &b.code)
    };
    let mut firsts: Vec<(&ServiceError, usize)> = Vec::new();
    for error in errors {
        match firsts.iter_mut().find(|(first, _)| alike(first, error)) {
            Some((_, count)) => *count += 1,
            None => firsts.push((error, 1)),
        }
    }
    let (first, _) = firsts.first()?;
    let code = explain(first, target).code;
    let mut failure = CommandError::new(ErrorKind::Failed, code, "");
    for (error, count) in &firsts {
        let explained = explain(error, target);
        failure.add_line(&explained.message);
        if *count > 1 {
            let others = text::count(count - 1, "other table", "other tables");
            failure.message.push_str(&format!(", and so of {others}"));
        }
        for hint in &explained.hints {
            failure.hint_once(hint);
        }
        failure.details.extend(explained.details);
    }
    Some(failure)
}

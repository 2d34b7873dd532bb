//! Explains errors of requests, with hints.

mod credentials;
mod denial;
mod network;
mod region;

use crate::errors::{CommandError, ErrorKind, GO_ON};
use crate::server::TargetName;
use mizzle_core::apply::{FailureCause, ServiceError, ServiceErrorKind};

/// Explains an error of a request to `target`.
pub(crate) fn explain(error: &ServiceError, target: &TargetName) -> CommandError {
    let (code, hints) = match error.kind {
        ServiceErrorKind::Unreachable => ("endpoint-unreachable", network::hints(error, target)),
        ServiceErrorKind::Credentials | ServiceErrorKind::ExpiredCredentials => {
            credentials::explain(error, target)
        }
        ServiceErrorKind::AccessDenied => ("access-denied", denial::hints(error)),
        ServiceErrorKind::ClockSkew => ("clock-skew", clock(&error.message)),
        ServiceErrorKind::NotFound => ("not-found", not_found(error, target)),
        ServiceErrorKind::LimitExceeded | ServiceErrorKind::Validation if error.is_quota() => {
            ("quota", vec![quota(error)])
        }
        ServiceErrorKind::Throttled | ServiceErrorKind::LimitExceeded => (
            "throttled",
            vec![
                format!("wait a little and {GO_ON}"),
                "other clients may send requests at the same time; `concurrency` in the config limits the tables that mizzle works on in parallel".to_owned(),
            ],
        ),
        ServiceErrorKind::Interrupted if error.background.obstacle == Some(FailureCause::Silence) => {
            ("no-answer", network::hints(error, target))
        }
        ServiceErrorKind::InUse
        | ServiceErrorKind::Interrupted
        | ServiceErrorKind::Server
        | ServiceErrorKind::Fenced => ("service", vec![GO_ON.to_owned()]),
        ServiceErrorKind::Validation if is_too_soon(error) => (
            "service",
            vec!["DynamoDB takes another change of time to live after about an hour: run the command again then, it goes on where it stopped".to_owned()],
        ),
        ServiceErrorKind::Validation => (
            "service",
            vec!["DynamoDB does not take the request as it is: change what asks for it, the schema, the config or the script".to_owned()],
        ),
        ServiceErrorKind::Unsupported => (
            "service",
            vec![format!("use a server that has {}: AWS does, emulators have less", error.operation)],
        ),
        ServiceErrorKind::Damaged => ("ledger-damaged", damaged(error)),
        ServiceErrorKind::Other => match error.background.obstacle {
            Some(FailureCause::Stranger | FailureCause::NoHttp) => {
                ("not-dynamodb", network::hints(error, target))
            }
            Some(_) => ("endpoint-unreachable", network::hints(error, target)),
            None => (
                "service",
                vec!["run the command again; with --verbose it says all that is known".to_owned()],
            ),
        },
    };
    let mut explained = CommandError::new(ErrorKind::Failed, code, error.to_string());
    explained.hints = hints;
    explained.details = details(error);
    explained
}

/// True if the same request may succeed later, or after a change of something other than the
/// request: traffic, a quota, a permission, the network.
pub(crate) fn is_passing(error: &ServiceError) -> bool {
    match error.kind {
        ServiceErrorKind::Validation => is_too_soon(error),
        ServiceErrorKind::NotFound
        | ServiceErrorKind::Unsupported
        | ServiceErrorKind::Damaged
        | ServiceErrorKind::Other => false,
        ServiceErrorKind::Throttled
        | ServiceErrorKind::LimitExceeded
        | ServiceErrorKind::InUse
        | ServiceErrorKind::AccessDenied
        | ServiceErrorKind::Credentials
        | ServiceErrorKind::ExpiredCredentials
        | ServiceErrorKind::ClockSkew
        | ServiceErrorKind::Unreachable
        | ServiceErrorKind::Interrupted
        | ServiceErrorKind::Server
        | ServiceErrorKind::Fenced => true,
    }
}

/// Returns the details for `--verbose`.
fn details(error: &ServiceError) -> Vec<String> {
    let background = &error.background;
    let causes = background.causes.iter().map(|cause| format!("cause: {cause}"));
    let mut details: Vec<String> = causes.collect();
    details.extend(background.request_id.iter().map(|id| format!("request id {id}")));
    details.extend(
        background
            .credentials
            .iter()
            .map(|source| format!("credentials: {}", credentials::source(source))),
    );
    details.extend(background.proxy.iter().map(|proxy| format!("proxy: {proxy}")));
    details
}

/// Returns the hint about the clock, with the difference if the service reports the compared times.
fn clock(message: &str) -> Vec<String> {
    let off = match skew(message) {
        Some((seconds, direction)) => {
            let minutes = mizzle_core::text::duration(std::time::Duration::from_secs(seconds));
            format!("the clock of this machine is {minutes} {direction}")
        }
        None => "the clock of this machine is off".to_owned(),
    };
    vec![format!("{off}: set it by the network's time, then run the command again")]
}

/// Returns the clock skew in seconds and its direction, from "Signature expired: 20250101T000000Z
/// is now earlier than 20250101T001000Z (20250101T001500Z - 5 min.)": the signature's time, the
/// limit, and the service's time.
fn skew(message: &str) -> Option<(u64, &'static str)> {
    let time = |text: &str| {
        // `20250101T001500Z` lacks dashes and colons.
        let text = text.trim();
        let (date, clock) = text.get(..16)?.strip_suffix('Z')?.split_once('T')?;
        let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
        let (hour, minute, second) = (clock.get(..2)?, clock.get(2..4)?, clock.get(4..)?);
        let usual = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        humantime::parse_rfc3339(&usual).ok()
    };
    let (_, rest) = message.split_once(": ")?;
    let signed = time(rest)?;
    let (_, rest) = rest.split_once('(')?;
    let service = time(rest)?;
    Some(match service.duration_since(signed) {
        Ok(behind) => (behind.as_secs(), "behind"),
        Err(ahead) => (ahead.duration().as_secs(), "ahead"),
    })
}

/// Returns the hint for a quota that is not restored by waiting, or not soon.
fn quota(error: &ServiceError) -> String {
    if let Some(moment) = error.next_moment() {
        return format!(
            "this is a limit on how often it may change, not throttling: DynamoDB takes the next change at {moment}, run the command again then, it goes on where it stopped"
        );
    }
    // "are limited to 2 times in 30 day(s)", "within a given UTC day", "in the 24h window"
    let is_of_time = ["day", "hour", "window"].iter().any(|word| error.message.contains(word));
    if is_of_time {
        "this is a limit on how often it may change, not throttling: run the command again when that time is over, it goes on where it stopped; or undo the change in the config".to_owned()
    } else {
        "this is a limit of the account or of the table, not throttling, so that waiting does not help: ask for less, or have the quota raised, see the service quotas of DynamoDB".to_owned()
    }
}

/// True for "Time to live has been modified multiple times within a fixed interval".
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>.
fn is_too_soon(error: &ServiceError) -> bool {
    error.kind == ServiceErrorKind::Validation
        && error.operation == "UpdateTimeToLive"
        && error.message.contains("within a fixed interval")
}

/// Returns the hints for an unreadable item of the ledger.
fn damaged(error: &ServiceError) -> Vec<String> {
    const NEWER: &str = "if a newer version of mizzle has written it, update mizzle";
    if error.operation == "GetItem" {
        let hint = "`mizzle unlock` removes a lock that cannot be read";
        return vec![NEWER.to_owned(), hint.to_owned()];
    }
    let ledger = error.table.as_deref().unwrap_or("the ledger");
    vec![
        NEWER.to_owned(),
        format!(
            "if it was changed by hand, restore the item in {ledger}, or delete it there and say with `mizzle resolve <migration>` what became of the migration"
        ),
    ]
}

fn not_found(error: &ServiceError, target: &TargetName) -> Vec<String> {
    let what = error.table.as_deref().unwrap_or("it");
    vec![
        format!(
            "is {what} in another region or account? this is {target}: --region, --profile and --env choose another"
        ),
        "see what is there: mizzle list".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_compared_by_the_words_of_the_service() {
        for (message, expected) in [
            (
                "Signature expired: 20250101T000000Z is now earlier than 20250101T001000Z (20250101T001500Z - 5 min.)",
                Some((900, "behind")),
            ),
            (
                "Signature not yet current: 20250301T000100Z is still later than 20250228T235600Z (20250228T235100Z + 5 min.)",
                Some((600, "ahead")),
            ),
            (
                "Signature expired: 20231231T235959Z is now earlier than 20240101T000000Z (20240301T000000Z - 5 min.)",
                Some((60 * 86_400 + 1, "behind")),
            ),
            ("Signature expired", None),
            ("Signature expired: yesterday is now earlier than today (now)", None),
            ("Signature expired: 2025é101T000000Z is now (20250101T001500Z)", None),
        ] {
            assert_eq!(skew(message), expected, "{message}");
        }
    }
}

//! Credentials that are missing, expired, or rejected.

use crate::{
    errors::GO_ON,
    server::{TargetName, embedded},
};
use mizzle_core::{
    apply::{CredentialsSource, FailureCause, ProfileSource, ServiceError, ServiceErrorKind},
    text,
};

/// The maximum number of profiles that are listed.
const SHOWN_PROFILES: usize = 8;

/// Returns the error code and the hints.
pub(super) fn explain(error: &ServiceError, target: &TargetName) -> (&'static str, Vec<String>) {
    let background = &error.background;
    match &background.obstacle {
        Some(FailureCause::SignedOut { profile }) => {
            let code = match error.kind {
                ServiceErrorKind::ExpiredCredentials => "expired-credentials",
                _ => "not-signed-in",
            };
            (code, vec![format!("sign in: aws sso login{}", option(profile))])
        }
        Some(FailureCause::UnknownProfile { profile, known, named_by, elsewhere }) => {
            let mut hints = vec![without_profile(*named_by, elsewhere.as_ref())];
            hints.extend(unknown_profile(profile, known));
            ("unknown-profile", hints)
        }
        Some(FailureCause::BrokenProfile { profile }) => (
            "no-credentials",
            vec![
                format!(
                    "see whether AWS's own tool can use it: aws sts get-caller-identity{}",
                    option(profile)
                ),
                "or name another one: --profile, AWS_PROFILE, or `profile` in the config"
                    .to_owned(),
            ],
        ),
        _ if error.kind == ServiceErrorKind::ExpiredCredentials => {
            ("expired-credentials", vec![expired(background.credentials.as_ref())])
        }
        Some(FailureCause::NoCredentials { known }) => ("no-credentials", none_found(known)),
        _ if error.code.is_some() => ("wrong-credentials", not_accepted(error, target)),
        _ => (
            "no-credentials",
            vec![
                "set that right, or name a profile instead: --profile, AWS_PROFILE, or `profile` in the config"
                    .to_owned(),
            ],
        ),
    }
}

/// Returns the option that selects a profile in AWS's tools; empty for the default profile.
fn option(profile: &str) -> String {
    match profile {
        "default" => String::new(),
        // Quoted as one word of a shell.
        odd if odd.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_./@+".contains(c)) => {
            format!(" --profile '{}'", odd.replace('\'', r"'\''"))
        }
        plain => format!(" --profile {plain}"),
    }
}

/// Returns the hint for credentials other than those of a profile, as in a pipeline.
fn without_profile(named_by: ProfileSource, elsewhere: Option<&CredentialsSource>) -> String {
    match (named_by, elsewhere) {
        (ProfileSource::Environment, _) => {
            "AWS_PROFILE names it: correct it, or unset it to use other credentials".to_owned()
        }
        (ProfileSource::Caller, Some(found)) => {
            let found = source(found);
            format!("to use {found} instead: --profile none, or MIZZLE_PROFILE=none")
        }
        (ProfileSource::Caller, None) => {
            "to use the credentials of the environment instead, as in a pipeline: --profile none, or MIZZLE_PROFILE=none".to_owned()
        }
    }
}

fn unknown_profile(profile: &str, known: &[String]) -> Vec<String> {
    let option = option(profile);
    let make = format!("make one: aws configure sso{option}, or aws configure{option}");
    if known.is_empty() {
        return vec!["the files hold no profile at all".to_owned(), make];
    }
    let suggestion = text::did_you_mean(profile, known.iter().map(String::as_str));
    let mut hints: Vec<String> = suggestion.into_iter().collect();
    hints.push(format!("there {}: --profile and AWS_PROFILE choose one", listed(known)));
    hints
}

/// Returns `is the profile a`, or `are the profiles a, b and 3 more`.
fn listed(known: &[String]) -> String {
    let mut names: Vec<String> = known.iter().take(SHOWN_PROFILES).cloned().collect();
    match known.len() - names.len() {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    let are = if known.len() == 1 { "is the profile" } else { "are the profiles" };
    format!("{are} {}", text::list(&names))
}

fn none_found(known: &[String]) -> Vec<String> {
    let profile = match known {
        [] => "sign in and name the profile: aws configure sso, then --profile or AWS_PROFILE"
            .to_owned(),
        known => format!("there {}: choose one with --profile or AWS_PROFILE", listed(known)),
    };
    let mut hints = vec![profile, "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned()];
    if embedded::INSTEAD.is_some() {
        hints.push("or work on this machine, which needs none: --endpoint local".to_owned());
    }
    hints
}

/// Returns the hint for an expired session.
fn expired(source: Option<&CredentialsSource>) -> String {
    match source {
        Some(CredentialsSource::Environment) => "AWS_SESSION_TOKEN is of a session that is over: set it and the keys again, or unset them and name a profile".to_owned(),
        Some(CredentialsSource::Given) => "`credentials` in the config are of a session that is over: put new ones there, or name a profile instead".to_owned(),
        Some(CredentialsSource::Profile(profile)) => format!("the profile {profile:?} holds keys of a session that is over: renew them, or sign in again"),
        Some(
            CredentialsSource::WebIdentity
            | CredentialsSource::Container
            | CredentialsSource::Instance,
        ) => format!("they are renewed by themselves: {GO_ON}"),
        Some(CredentialsSource::MadeUp) | None => "the session is over: sign in again (aws sso login)".to_owned(),
    }
}

/// Returns the hints for credentials that the service rejects.
fn not_accepted(error: &ServiceError, target: &TargetName) -> Vec<String> {
    if error.background.credentials == Some(CredentialsSource::MadeUp) {
        return vec!["this server checks keys, and mizzle has made one up: name its own with `credentials` in the config, or with --profile".to_owned()];
    }
    let mut hints = match error.code.as_deref() {
        Some("InvalidSignatureException" | "SignatureDoesNotMatch") => {
            vec!["the secret access key does not belong to the access key: set both again".to_owned()]
        }
        Some("MissingAuthenticationToken" | "MissingAuthenticationTokenException" | "IncompleteSignature" | "IncompleteSignatureException") => {
            vec!["the signature did not arrive whole: does a proxy on the way change requests?".to_owned()]
        }
        _ => vec![
            "the access key is not known there: it was mistyped or deleted, or belongs to a session whose token is missing".to_owned(),
            format!("or the account has not enabled the region {}", target.region),
        ],
    };
    let source = error.background.credentials.as_ref().map(source);
    hints.extend(source.map(|source| format!("the credentials come from {source}")));
    hints
}

/// Describes the source of credentials.
pub(super) fn source(source: &CredentialsSource) -> String {
    match source {
        CredentialsSource::Given => "`credentials` in the config".to_owned(),
        CredentialsSource::MadeUp => "a made-up key, for a server on this machine".to_owned(),
        CredentialsSource::Environment => "the environment (AWS_ACCESS_KEY_ID)".to_owned(),
        CredentialsSource::Profile(profile) => format!("the profile {profile:?}"),
        CredentialsSource::WebIdentity => {
            "a web identity token (AWS_WEB_IDENTITY_TOKEN_FILE)".to_owned()
        }
        CredentialsSource::Container => "the container".to_owned(),
        CredentialsSource::Instance => "the instance".to_owned(),
    }
}

//! Explains credentials that are missing or unusable.

use super::ClassifiedError;
use crate::{
    causes::{causes, innermost},
    connect::Identity,
};
use aws_credential_types::provider::error::CredentialsError;
use aws_types::os_shim_internal::Env;
use mizzle_core::apply::{CredentialsSource, FailureCause, ProfileSource, ServiceErrorKind};

/// The profile that applies if none is named.
const DEFAULT_PROFILE: &str = "default";

/// Explains why there are no credentials to sign a request with.
pub(super) fn explain(identity: &Identity, error: &CredentialsError) -> ClassifiedError {
    let profiles = identity.profiles();
    let profile = identity.profile().to_owned();
    let failed = |message: String| ClassifiedError::new(ServiceErrorKind::Credentials, message);
    if let Some(reason) = &profiles.unreadable {
        return failed(format!("the AWS config files make no sense: {reason}"));
    }
    // A user who names a profile means that one, and not other results of the chain.
    let is_named = identity.is_of_named_profile() || profile != DEFAULT_PROFILE;
    let is_there = profiles.has(&profile);
    if is_named && !is_there {
        let message = format!("there is no profile {profile:?} in the AWS config files");
        let (known, elsewhere) = (profiles.names(), in_environment());
        let named_by = match identity.is_of_named_profile() {
            true => ProfileSource::Caller,
            false => ProfileSource::Environment,
        };
        return failed(message).because_of(FailureCause::UnknownProfile {
            profile,
            known,
            named_by,
            elsewhere,
        });
    }
    match error {
        CredentialsError::CredentialsNotLoaded(_) if is_named => {
            failed(format!("the profile {profile:?} holds no credentials"))
                .because_of(FailureCause::BrokenProfile { profile })
        }
        CredentialsError::CredentialsNotLoaded(_) => match half_set() {
            Some(missing) => failed(format!("AWS_ACCESS_KEY_ID is set, and {missing} is not")),
            None => failed("no AWS credentials were found".to_owned())
                .because_of(FailureCause::NoCredentials { known: profiles.names() }),
        },
        CredentialsError::ProviderTimedOut(timeout) => {
            let seconds = timeout.timeout_duration().as_secs();
            failed(format!("no AWS credentials came within {seconds} seconds"))
        }
        _ => match (profiles.signing_in(&profile), SignIn::failure(error)) {
            (Some(signing_in), Some(failure)) => failure.of(signing_in.name()),
            _ if is_there => {
                let reason = innermost(error);
                failed(format!("the profile {profile:?} gives no credentials: {reason}"))
                    .because_of(FailureCause::BrokenProfile { profile })
            }
            _ => failed(format!("no AWS credentials were given: {}", innermost(error))),
        },
    }
}

/// A reason for which a profile cannot use the session of its sign-in.
enum SignIn {
    /// There is no session, or none that can be read.
    Missing,
    /// The session has ended.
    Over,
}

impl SignIn {
    /// Matches the messages: the SDK's own types for this are private.
    fn failure(error: &CredentialsError) -> Option<Self> {
        let causes = causes(error);
        let says = |words: &[&str]| {
            causes.iter().any(|cause| words.iter().any(|word| cause.contains(word)))
        };
        // The portal returns this exception for a token that it has ended itself.
        if says(&["token has expired", "UnauthorizedException"]) {
            return Some(Self::Over);
        }
        says(&["cached SSO token", "/sso/cache/", r"\sso\cache\"]).then_some(Self::Missing)
    }

    fn of(self, profile: &str) -> ClassifiedError {
        let meaning = match self {
            Self::Over => ClassifiedError::new(
                ServiceErrorKind::ExpiredCredentials,
                format!("the session of the profile {profile:?} is over"),
            ),
            Self::Missing => ClassifiedError::new(
                ServiceErrorKind::Credentials,
                format!("the profile {profile:?} has no active session"),
            ),
        };
        meaning.because_of(FailureCause::SignedOut { profile: profile.to_owned() })
    }
}

/// Returns the source in which AWS's chain would find credentials, judging by the environment.
fn in_environment() -> Option<CredentialsSource> {
    let environment = Env::default();
    let is_set = |name| environment.get(name).is_ok_and(|value| !value.trim().is_empty());
    [
        ("AWS_ACCESS_KEY_ID", CredentialsSource::Environment),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", CredentialsSource::WebIdentity),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", CredentialsSource::Container),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", CredentialsSource::Container),
    ]
    .into_iter()
    .find_map(|(name, source)| is_set(name).then_some(source))
}

/// Returns the name of the missing variable if only the one for the access key is set.
fn half_set() -> Option<&'static str> {
    const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
    let environment = Env::default();
    let is_set = |name| environment.get(name).is_ok_and(|value| !value.trim().is_empty());
    (is_set("AWS_ACCESS_KEY_ID") && !is_set(SECRET)).then_some(SECRET)
}

//! Who asks: where credentials are looked for, and where they were found.

use crate::{
    Connection, StaticCredentials,
    failure::{Meaning, causes, innermost},
};
use aws_config::{
    default_provider::credentials::DefaultCredentialsChain,
    imds,
    profile::{self, Profile, ProfileFileCredentialsProvider, ProfileSet},
};
use aws_credential_types::{
    Credentials,
    credential_feature::AwsCredentialFeature,
    provider::{
        self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
    },
};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_dynamodb::config::Region;
use aws_types::os_shim_internal::{Env, Fs};
use mizzle_core::{
    apply::{CredentialsSource, Obstacle, ProfileSource, ServiceErrorKind},
    redaction,
};
use secrecy::ExposeSecret;
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// How long the metadata service of an instance may take to let itself be connected. Elsewhere
/// its address leads nowhere, and every second of waiting is for nothing.
const METADATA_TIMEOUT: Duration = Duration::from_millis(500);

/// The profile that counts when nobody names one.
const DEFAULT_PROFILE: &str = "default";

/// More profiles than that nobody chains.
const LONGEST_CHAIN: usize = 8;

/// Where credentials are looked for. Clones share what is found.
#[derive(Debug, Clone)]
pub(crate) struct Identity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    wanted: Wanted,
    /// The profiles of the AWS config files, where they may count.
    profiles: Profiles,
    found: OnceLock<CredentialsSource>,
}

/// What the caller has said.
#[derive(Debug)]
enum Wanted {
    Given(StaticCredentials),
    Profile(String),
    /// A made-up key, for this machine.
    MadeUp,
    /// AWS's own chain.
    Chain,
}

/// The AWS config files, as far as an error may be about them.
#[derive(Default)]
struct Profiles {
    set: ProfileSet,
    /// Why they could not be read.
    unreadable: Option<String>,
}

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The set holds keys.
        f.debug_struct("Profiles").field("unreadable", &self.unreadable).finish_non_exhaustive()
    }
}

impl Profiles {
    async fn load() -> Self {
        let (files, environment) = (Fs::default(), Env::default());
        let usual = EnvConfigFiles::default();
        match profile::load(&files, &environment, &usual, None).await {
            Ok(set) => Self { set, unreadable: None },
            Err(error) => {
                let unreadable = Some(innermost(&error));
                Self { set: ProfileSet::default(), unreadable }
            }
        }
    }

    fn names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.set.profiles().collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// The profile that says where to sign in: this one, or the one that it builds on.
    fn signing_in(&self, name: &str) -> Option<&Profile> {
        let mut profile = self.set.get_profile(name)?;
        for _ in 0..LONGEST_CHAIN {
            if ["sso_session", "sso_start_url"].iter().any(|field| profile.get(field).is_some()) {
                return Some(profile);
            }
            profile = self.set.get_profile(profile.get("source_profile")?)?;
        }
        None
    }
}

impl Identity {
    /// Who asks a server on this machine, where any key will do.
    pub(crate) async fn local(connection: &Connection) -> Self {
        Self::new(connection, Wanted::MadeUp).await
    }

    /// Who asks a server elsewhere.
    pub(crate) async fn remote(connection: &Connection) -> Self {
        Self::new(connection, Wanted::Chain).await
    }

    async fn new(connection: &Connection, otherwise: Wanted) -> Self {
        let wanted = match (&connection.credentials, &connection.profile) {
            (Some(given), _) => Wanted::Given(given.clone()),
            (None, Some(profile)) => Wanted::Profile(profile.clone()),
            (None, None) => otherwise,
        };
        let profiles = match wanted {
            Wanted::Given(_) | Wanted::MadeUp => Profiles::default(),
            Wanted::Profile(_) | Wanted::Chain => Profiles::load().await,
        };
        Self(Arc::new(Inner { wanted, profiles, found: OnceLock::new() }))
    }

    /// What gives the credentials, and remembers where they were found.
    pub(crate) async fn provider(&self, region: &Region) -> SharedCredentialsProvider {
        match &self.0.wanted {
            Wanted::Given(given) => {
                let StaticCredentials { access_key_id, secret_access_key, session_token } = given;
                SharedCredentialsProvider::new(Credentials::new(
                    access_key_id,
                    secret_access_key.expose_secret(),
                    session_token.as_ref().map(|token| token.expose_secret().to_owned()),
                    None,
                    "mizzle",
                ))
            }
            Wanted::MadeUp => SharedCredentialsProvider::new(Credentials::new(
                "local", "local", None, None, "mizzle",
            )),
            Wanted::Profile(profile) => {
                let profile = ProfileFileCredentialsProvider::builder().profile_name(profile);
                let chain = SharedCredentialsProvider::new(profile.build());
                SharedCredentialsProvider::new(Remembering { chain, identity: self.clone() })
            }
            Wanted::Chain => {
                let metadata = imds::Client::builder().connect_timeout(METADATA_TIMEOUT).build();
                let chain = DefaultCredentialsChain::builder()
                    .region(region.clone())
                    .imds_client(metadata)
                    .build();
                let chain = SharedCredentialsProvider::new(chain.await);
                SharedCredentialsProvider::new(Remembering { chain, identity: self.clone() })
            }
        }
    }

    /// Where the credentials come from; `None` until they are found.
    pub(crate) fn source(&self) -> Option<CredentialsSource> {
        match &self.0.wanted {
            Wanted::Given(_) => Some(CredentialsSource::Given),
            Wanted::Profile(profile) => Some(CredentialsSource::Profile(profile.clone())),
            Wanted::MadeUp => Some(CredentialsSource::MadeUp),
            Wanted::Chain => self.0.found.get().cloned(),
        }
    }

    /// The profile that counts, if one does: the one that was named, here or in the environment, or
    /// the default one.
    fn profile(&self) -> &str {
        match &self.0.wanted {
            Wanted::Profile(profile) => profile,
            Wanted::Given(_) | Wanted::MadeUp | Wanted::Chain => {
                self.0.profiles.set.selected_profile()
            }
        }
    }

    /// The profile where somebody has to sign in, when the credentials come from such a one.
    pub(crate) fn signs_in(&self) -> Option<Obstacle> {
        let Some(CredentialsSource::Profile(profile)) = self.source() else { return None };
        let profile = self.0.profiles.signing_in(&profile)?.name().to_owned();
        Some(Obstacle::SignedOut { profile })
    }

    /// Why there are no credentials to sign a request with.
    pub(crate) fn explain(&self, error: &CredentialsError) -> Meaning {
        let profiles = &self.0.profiles;
        let profile = self.profile().to_owned();
        let failed = |message: String| Meaning::new(ServiceErrorKind::Credentials, message);
        if let Some(reason) = &profiles.unreadable {
            return failed(format!("the AWS config files make no sense: {reason}"));
        }
        // Somebody who names a profile means that one, and not what the chain finds beside it.
        let is_named = matches!(self.0.wanted, Wanted::Profile(_)) || profile != DEFAULT_PROFILE;
        let is_there = profiles.set.get_profile(&profile).is_some();
        if is_named && !is_there {
            let message = format!("there is no profile {profile:?} in the AWS config files");
            let (known, elsewhere) = (profiles.names(), in_environment());
            let named_by = match self.0.wanted {
                Wanted::Profile(_) => ProfileSource::Caller,
                Wanted::Given(_) | Wanted::MadeUp | Wanted::Chain => ProfileSource::Environment,
            };
            return failed(message).because_of(Obstacle::UnknownProfile {
                profile,
                known,
                named_by,
                elsewhere,
            });
        }
        match error {
            CredentialsError::CredentialsNotLoaded(_) if is_named => {
                failed(format!("the profile {profile:?} holds no credentials"))
                    .because_of(Obstacle::BrokenProfile { profile })
            }
            CredentialsError::CredentialsNotLoaded(_) => match half_set() {
                Some(missing) => failed(format!("AWS_ACCESS_KEY_ID is set, and {missing} is not")),
                None => failed("no AWS credentials were found".to_owned())
                    .because_of(Obstacle::NoCredentials { known: profiles.names() }),
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
                        .because_of(Obstacle::BrokenProfile { profile })
                }
                _ => failed(format!("no AWS credentials were given: {}", innermost(error))),
            },
        }
    }
}

/// What keeps a profile from using the session of its sign-in.
enum SignIn {
    /// There is none, or none that can be read.
    Missing,
    /// It has ended.
    Over,
}

impl SignIn {
    /// The SDK's own types for this are private: their words have to do.
    fn failure(error: &CredentialsError) -> Option<Self> {
        let causes = causes(error);
        let says = |words: &[&str]| {
            causes.iter().any(|cause| words.iter().any(|word| cause.contains(word)))
        };
        // The portal answers with the exception to a token that it has ended itself.
        if says(&["token has expired", "UnauthorizedException"]) {
            return Some(Self::Over);
        }
        says(&["cached SSO token", "/sso/cache/", r"\sso\cache\"]).then_some(Self::Missing)
    }

    fn of(self, profile: &str) -> Meaning {
        let meaning = match self {
            Self::Over => Meaning::new(
                ServiceErrorKind::ExpiredCredentials,
                format!("the session of the profile {profile:?} is over"),
            ),
            Self::Missing => Meaning::new(
                ServiceErrorKind::Credentials,
                format!("nobody has signed in for the profile {profile:?}"),
            ),
        };
        meaning.because_of(Obstacle::SignedOut { profile: profile.to_owned() })
    }
}

/// Where AWS's chain would find credentials, as far as the environment shows.
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

/// The variable that is missing beside the one for the access key, if exactly that is so.
fn half_set() -> Option<&'static str> {
    const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
    let environment = Env::default();
    let is_set = |name| environment.get(name).is_ok_and(|value| !value.trim().is_empty());
    (is_set("AWS_ACCESS_KEY_ID") && !is_set(SECRET)).then_some(SECRET)
}

/// A source of credentials, with a memory: of the secrets, which are [redacted](redaction) from then on, and
/// of the place where AWS's chain has found them.
#[derive(Debug)]
struct Remembering {
    chain: SharedCredentialsProvider,
    identity: Identity,
}

impl ProvideCredentials for Remembering {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let found: provider::Result = self.chain.provide_credentials().await;
            if let Ok(found) = &found {
                redaction::remember_key_id(found.access_key_id());
                redaction::remember(found.secret_access_key());
                found.session_token().into_iter().for_each(redaction::remember);
            }
            if let Some(source) = found.as_ref().ok().and_then(|found| self.identity.origin(found))
            {
                // Later ones come from the same place.
                let _ = self.identity.0.found.set(source);
            }
            found
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.chain.fallback_on_interrupt()
    }
}

impl Identity {
    /// Where AWS's chain has found credentials: it marks them for the user agent.
    fn origin(&self, found: &Credentials) -> Option<CredentialsSource> {
        use AwsCredentialFeature as Mark;
        let marks = found.get_property::<Vec<Mark>>()?;
        // A profile may use any of the others.
        if marks.contains(&Mark::CredentialsProfile) {
            return Some(CredentialsSource::Profile(self.profile().to_owned()));
        }
        marks.iter().find_map(|mark| match mark {
            Mark::CredentialsEnvVars => Some(CredentialsSource::Environment),
            Mark::CredentialsEnvVarsStsWebIdToken => Some(CredentialsSource::WebIdentity),
            Mark::CredentialsHttp => Some(CredentialsSource::Container),
            Mark::CredentialsImds => Some(CredentialsSource::Instance),
            _ => None,
        })
    }
}

//! The identity of requests: the configured source of credentials, and the source found.

use super::{Connection, StaticCredentials};
use crate::causes::innermost;
use aws_config::{
    default_provider::credentials::DefaultCredentialsChain,
    imds,
    profile::{self, Profile, ProfileFileCredentialsProvider, ProfileSet},
};
use aws_credential_types::{
    Credentials,
    credential_feature::AwsCredentialFeature,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, future},
};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_dynamodb::config::Region;
use aws_types::os_shim_internal::{Env, Fs};
use mizzle_core::{
    apply::{CredentialsSource, FailureCause},
    redaction,
};
use secrecy::ExposeSecret;
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// The time limit of a connection to the metadata service of an instance. Elsewhere its address
/// leads nowhere, and every second of waiting is wasted.
const METADATA_TIMEOUT: Duration = Duration::from_millis(500);

/// The maximum length of a chain of profiles, well beyond any in use.
const LONGEST_CHAIN: usize = 8;

/// The source of credentials. Clones share the result of the lookup.
#[derive(Debug, Clone)]
pub(crate) struct Identity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    wanted: Wanted,
    /// The profiles of the AWS config files, if the source can be one of them.
    profiles: Profiles,
    found: OnceLock<CredentialsSource>,
}

/// The source that the caller has chosen.
#[derive(Debug)]
enum Wanted {
    Given(StaticCredentials),
    Profile(String),
    /// A made-up key, for this machine.
    MadeUp,
    /// AWS's own chain.
    Chain,
}

/// The part of the AWS config files that errors refer to.
#[derive(Default)]
pub(crate) struct Profiles {
    set: ProfileSet,
    /// The reason for which they could not be read.
    pub(crate) unreadable: Option<String>,
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

    pub(crate) fn names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.set.profiles().collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// True if the files have a profile of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.set.get_profile(name).is_some()
    }

    /// Returns the profile with the sign-in settings: this one, or one of its source profiles.
    pub(crate) fn signing_in(&self, name: &str) -> Option<&Profile> {
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
    /// The identity for a server on this machine, which accepts any key.
    pub(crate) async fn local(connection: &Connection) -> Self {
        Self::new(connection, Wanted::MadeUp).await
    }

    /// The identity for a server elsewhere.
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

    /// Returns a provider of the credentials that also records their source.
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
                SharedCredentialsProvider::new(TrackedCredentials { chain, identity: self.clone() })
            }
            Wanted::Chain => {
                let metadata = imds::Client::builder().connect_timeout(METADATA_TIMEOUT).build();
                let chain = DefaultCredentialsChain::builder()
                    .region(region.clone())
                    .imds_client(metadata)
                    .build();
                let chain = SharedCredentialsProvider::new(chain.await);
                SharedCredentialsProvider::new(TrackedCredentials { chain, identity: self.clone() })
            }
        }
    }

    /// Returns the source of the credentials; `None` until they are found.
    pub(crate) fn source(&self) -> Option<CredentialsSource> {
        match &self.0.wanted {
            Wanted::Given(_) => Some(CredentialsSource::Given),
            Wanted::Profile(profile) => Some(CredentialsSource::Profile(profile.clone())),
            Wanted::MadeUp => Some(CredentialsSource::MadeUp),
            Wanted::Chain => self.0.found.get().cloned(),
        }
    }

    /// Returns the name of the profile that applies, if one does: the one named by the caller or in
    /// the environment, or the default one.
    pub(crate) fn profile(&self) -> &str {
        match &self.0.wanted {
            Wanted::Profile(profile) => profile,
            Wanted::Given(_) | Wanted::MadeUp | Wanted::Chain => {
                self.0.profiles.set.selected_profile()
            }
        }
    }

    /// True if the caller names the profile.
    pub(crate) fn is_of_named_profile(&self) -> bool {
        matches!(self.0.wanted, Wanted::Profile(_))
    }

    /// Returns the profiles of the AWS config files, if the source can be one of them.
    pub(crate) fn profiles(&self) -> &Profiles {
        &self.0.profiles
    }

    /// Returns the obstacle of a missing sign-in, if the credentials come from a profile with
    /// sign-in.
    pub(crate) fn signs_in(&self) -> Option<FailureCause> {
        let Some(CredentialsSource::Profile(profile)) = self.source() else { return None };
        let profile = self.0.profiles.signing_in(&profile)?.name().to_owned();
        Some(FailureCause::SignedOut { profile })
    }
}

/// A provider of credentials that records two things: the secrets, which are [redacted](redaction)
/// from then on, and the place in which AWS's chain has found them.
#[derive(Debug)]
struct TrackedCredentials {
    chain: SharedCredentialsProvider,
    identity: Identity,
}

impl ProvideCredentials for TrackedCredentials {
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
                // Later credentials come from the same source.
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
    /// Returns the source in which AWS's chain found credentials, from its marks for the user
    /// agent.
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

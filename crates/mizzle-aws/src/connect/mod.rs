//! Where to connect, and as whom.

mod environment;
mod identity;
mod log;
mod profiles;

pub(crate) use environment::{Connected, configured_endpoint, connect, proxy};
pub(crate) use identity::Identity;
pub use profiles::{Profile, Profiles, ProfilesError, profiles};

use secrecy::SecretString;
use url::{Host, ParseError, Url};

/// What is wrong with an endpoint that is only a host, or of another protocol.
const NO_SCHEME: &str = "it does not start with http:// or https://";

/// What the user said about the server; whatever is absent is looked up.
///
/// Credentials, the first that applies: `credentials`; `profile`; the made-up key `local`/`local`
/// when the endpoint is this machine; AWS's own chain (environment, shared config files, web
/// identity, container, instance). None is looked up before the first request.
///
/// Region, the first that applies: `region`; `AWS_REGION` and `AWS_DEFAULT_REGION`; the region of
/// the profile in the shared config files; `us-east-1`.
///
/// Endpoint, the first that applies: `endpoint`; `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`
/// and their settings in the shared config files; AWS's endpoint of the region.
///
/// With an `endpoint` on this machine and no `profile`, no file is read and no metadata service
/// is asked.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// `http://…` or `https://…`.
    pub endpoint: Option<String>,
    /// An AWS region: `eu-central-1`.
    pub region: Option<String>,
    /// A profile of the shared config files. Unlike `AWS_PROFILE` it wins over credentials in the
    /// environment.
    pub profile: Option<String>,
    /// Credentials that are known.
    pub credentials: Option<StaticCredentials>,
    /// How often a request is sent at most, the first time included. Otherwise `AWS_MAX_ATTEMPTS`
    /// or the profile's setting counts, otherwise it is 5; on this machine it is 3.
    pub max_attempts: Option<u32>,
}

/// An access key. The debug form shows no secret.
#[derive(Debug, Clone)]
pub struct StaticCredentials {
    /// The key's id. Amazon's DynamoDB Local takes letters and digits only.
    pub access_key_id: String,
    /// The key itself.
    pub secret_access_key: SecretString,
    /// The token of temporary credentials.
    pub session_token: Option<SecretString>,
}

/// The server that a connection goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The endpoint, without a slash at the end. (AWS may answer an account at an address of its
    /// own in the same region.)
    pub endpoint: String,
    /// The region.
    pub region: String,
    /// Whether the endpoint is this machine.
    pub is_local: bool,
}

impl Target {
    /// Whether it is AWS itself, and no server that speaks like it.
    pub fn is_aws(&self) -> bool {
        is_aws(&self.endpoint)
    }
}

/// Whether an endpoint is one of AWS's own, in whatever partition.
pub(crate) fn is_aws(endpoint: &str) -> bool {
    let url = Url::parse(endpoint).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"]
        .iter()
        .any(|suffix| host.ends_with(suffix))
}

/// A connection that cannot even be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is not a URL that DynamoDB could have.
    #[error("the endpoint {endpoint:?} is not usable: {reason}")]
    Endpoint {
        /// The endpoint as given; only `…` when it holds `@`, `?` or `#`, where user names,
        /// passwords and tokens are.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no DynamoDB in the region.
    #[error("the region {region:?} is not usable: {reason}")]
    Region {
        /// The region as given.
        region: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ConnectError {
    /// What to give instead.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Endpoint { .. } => "give a URL like http://localhost:8000",
            Self::Region { .. } => "give one like eu-central-1",
        }
    }
}

/// Whether a text can be an endpoint.
///
/// # Errors
/// When it is not the URL of a server.
pub fn check_endpoint(text: &str) -> Result<(), ConnectError> {
    Endpoint::parse(text).map(drop)
}

/// Whether a text can be the name of a region, which becomes a part of a host name and of every
/// signature.
///
/// # Errors
/// When it holds something else than letters, digits and dashes.
pub fn check_region(name: &str) -> Result<(), ConnectError> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(ConnectError::Region {
            region: name.to_owned(),
            reason: "a region is made of letters, digits and dashes".to_owned(),
        });
    }
    Ok(())
}

/// An endpoint that has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Without a slash at the end.
    pub(crate) url: String,
    pub(crate) is_local: bool,
    pub(crate) is_encrypted: bool,
}

impl Endpoint {
    pub(crate) fn parse(text: &str) -> Result<Self, ConnectError> {
        let text = text.trim();
        let refuse = |reason: &str| ConnectError::Endpoint {
            endpoint: without_secrets(text).to_owned(),
            reason: reason.to_owned(),
        };
        let url = Url::parse(text).map_err(|error| match error {
            ParseError::RelativeUrlWithoutBase => refuse(NO_SCHEME),
            error => refuse(&error.to_string()),
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds a user name or a password"));
        }
        let is_encrypted = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(refuse(NO_SCHEME)),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it holds a query or a fragment"));
        }
        let Some(host) = url.host() else { return Err(refuse("it names no host")) };
        Ok(Self {
            url: text.trim_end_matches('/').to_owned(),
            is_local: is_this_machine(&host),
            is_encrypted,
        })
    }
}

/// What may be shown of an endpoint. A text that is no URL can hold a secret, too, so this looks for
/// the characters that come before or after one.
fn without_secrets(endpoint: &str) -> &str {
    if endpoint.contains(['@', '?', '#']) { "…" } else { endpoint }
}

/// Whether a host is this machine by its name alone: a loopback address, `localhost` with its
/// sub-domains, or the name by which a container calls the machine that it runs on.
fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback() || address.is_unspecified(),
        Host::Ipv6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost") || name == "host.docker.internal"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_is_known_by_its_names() {
        for (endpoint, expected) in [
            ("https://dynamodb.eu-central-1.amazonaws.com", true),
            ("https://123456789012.ddb.eu-central-1.amazonaws.com", true),
            ("https://dynamodb.cn-north-1.amazonaws.com.cn", true),
            ("https://dynamodb.eu-central-1.api.aws", true),
            ("https://dynamodb.example.com:8000", false),
            ("https://amazonaws.com.example.com", false),
        ] {
            assert_eq!(is_aws(endpoint), expected, "{endpoint}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (endpoint, is_local) in [
            ("http://localhost:8000", true),
            ("http://LOCALHOST:8000/", true),
            ("http://localhost.:8000", true),
            ("https://dynamodb.localhost:4566", true),
            ("http://127.0.0.1:8000", true),
            ("http://127.9.9.9", true),
            ("http://0.0.0.0:8000", true),
            ("http://[::1]:8000", true),
            ("http://[::ffff:127.0.0.1]:8000", true),
            ("http://host.docker.internal:8000", true),
            ("http://dynamodb:8000", false),
            ("http://192.168.0.7:8000", false),
            ("http://localhost.example.com", false),
            ("http://notlocalhost", false),
            ("https://dynamodb.eu-central-1.amazonaws.com", false),
        ] {
            assert_eq!(Endpoint::parse(endpoint).unwrap().is_local, is_local, "{endpoint}");
        }
    }

    #[test]
    fn endpoints_that_cannot_be_are_refused() {
        for (endpoint, reason) in [
            ("", NO_SCHEME),
            ("localhost:8000", NO_SCHEME),
            ("127.0.0.1:8000", NO_SCHEME),
            ("ftp://localhost", NO_SCHEME),
            ("http://", "empty host"),
            ("http://localhost:80000", "invalid port number"),
        ] {
            let ConnectError::Endpoint { endpoint: named, reason: found } =
                Endpoint::parse(endpoint).unwrap_err()
            else {
                panic!("{endpoint}")
            };
            assert_eq!((named.as_str(), found.as_str()), (endpoint, reason));
        }
    }

    #[test]
    fn a_secret_in_an_endpoint_is_not_repeated() {
        for (endpoint, reason) in [
            ("http://me:hunter2@localhost:8000", "it holds a user name or a password"),
            ("http://hunter2@localhost:8000", "it holds a user name or a password"),
            ("http://me:hunter2@localhost:80000", "invalid port number"),
            ("http://me:hunter2@", "empty host"),
            ("me:hunter2@localhost:8000", NO_SCHEME),
            ("//me:hunter2@localhost:8000", NO_SCHEME),
            ("https://h/?token=hunter2", "it holds a query or a fragment"),
            ("https://h/#hunter2", "it holds a query or a fragment"),
            ("h/?token=hunter2", NO_SCHEME),
        ] {
            let error = Endpoint::parse(endpoint).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
            let expected =
                ConnectError::Endpoint { endpoint: "…".to_owned(), reason: reason.to_owned() };
            assert_eq!(error, expected, "{endpoint}");
        }
    }

    #[test]
    fn the_debug_form_of_a_connection_shows_no_secret() {
        let connection = Connection {
            credentials: Some(StaticCredentials {
                access_key_id: "AKID".to_owned(),
                secret_access_key: "hunter2".into(),
                session_token: Some("hunter3".into()),
            }),
            ..Connection::default()
        };
        let text = format!("{connection:?}");
        assert!(text.contains("AKID") && !text.contains("hunter"), "{text}");
    }

    #[test]
    fn the_slash_at_the_end_goes() {
        let endpoint = Endpoint::parse(" https://example.com/dynamodb/ ").unwrap();
        assert_eq!(endpoint.url, "https://example.com/dynamodb");
        assert!(endpoint.is_encrypted);
    }
}

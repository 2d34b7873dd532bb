//! Connection settings: the endpoint, the region and the credentials.

mod environment;
mod identity;
mod log;
mod profiles;

pub(crate) use environment::{Connected, configured_endpoint, connect, proxy};
pub(crate) use identity::Identity;
pub use profiles::{Profile, Profiles, ProfilesError, profiles};

use secrecy::SecretString;
use url::{Host, ParseError, Url};

/// The reason for which an endpoint without a scheme, or with another protocol, is invalid.
const NO_SCHEME: &str = "it does not start with http:// or https://";

/// The user's connection settings; absent ones are looked up.
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
/// With an `endpoint` on this machine and no `profile`, no file is read and no metadata service is
/// called.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// `http://…` or `https://…`.
    pub endpoint: Option<String>,
    /// An AWS region: `eu-central-1`.
    pub region: Option<String>,
    /// A profile of the shared config files. Unlike `AWS_PROFILE` it wins over credentials in the
    /// environment.
    pub profile: Option<String>,
    /// Static credentials.
    pub credentials: Option<StaticCredentials>,
    /// The maximum number of attempts of a request, including the first one. The default is
    /// `AWS_MAX_ATTEMPTS` or the profile's setting, else 5; on this machine it is 3.
    pub max_attempts: Option<u32>,
}

/// An access key. The debug output shows no secret.
#[derive(Debug, Clone)]
pub struct StaticCredentials {
    /// The key's id. Amazon's DynamoDB Local accepts letters and digits only.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: SecretString,
    /// The token of temporary credentials.
    pub session_token: Option<SecretString>,
}

/// The server that a connection goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The endpoint, without a trailing slash. (AWS may respond to an account at an address of its
    /// own in the same region.)
    pub endpoint: String,
    /// The region.
    pub region: String,
    /// True if the endpoint is this machine.
    pub is_local: bool,
}

impl Target {
    /// True if the server is AWS itself, not another server with the same API.
    pub fn is_aws(&self) -> bool {
        is_aws(&self.endpoint)
    }
}

/// True if an endpoint is one of AWS's own, in any partition.
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
        /// The endpoint as given; only `…` if it contains `@`, `?` or `#`, where user names,
        /// passwords and tokens are.
        endpoint: String,
        /// The reason for which it is invalid.
        reason: String,
    },
    /// There is no DynamoDB in the region.
    #[error("the region {region:?} is not usable: {reason}")]
    Region {
        /// The region as given.
        region: String,
        /// The reason for which it is invalid.
        reason: String,
    },
}

impl ConnectError {
    /// Returns an example of a valid value.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Endpoint { .. } => "give a URL like http://localhost:8000",
            Self::Region { .. } => "give one like eu-central-1",
        }
    }
}

/// Checks that a text is a valid endpoint.
///
/// # Errors
/// When it is not the URL of a server.
pub fn check_endpoint(text: &str) -> Result<(), ConnectError> {
    Endpoint::parse(text).map(drop)
}

/// Checks that a text is a valid name of a region, which becomes a part of a host name and of every
/// signature.
///
/// # Errors
/// When it contains other characters than letters, digits and dashes.
pub fn check_region(name: &str) -> Result<(), ConnectError> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(ConnectError::Region {
            region: name.to_owned(),
            reason: "a region is made of letters, digits and dashes".to_owned(),
        });
    }
    Ok(())
}

/// A validated endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Without a trailing slash.
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

/// Returns the part of an endpoint that may be shown. A text that is not a URL can contain a
/// secret, too, so the check is for the characters that come before or after one.
fn without_secrets(endpoint: &str) -> &str {
    if endpoint.contains(['@', '?', '#']) { "…" } else { endpoint }
}

/// True if a host is this machine by its name alone: a loopback address, `localhost` with its
/// subdomains, or the name by which a container reaches its host machine.
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

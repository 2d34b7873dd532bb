//! Details of a failed request that do not affect whether it is retried.

/// Details of a failed request, for hints and verbose output. Never contains secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorDetails {
    /// The request ID, for AWS support.
    pub request_id: Option<String>,
    /// The chain of causes as text, the outermost first.
    pub causes: Vec<String>,
    /// The cause of the failure, if it is known exactly.
    pub obstacle: Option<FailureCause>,
    /// The source of the credentials that the request was signed with, or would have been.
    pub credentials: Option<CredentialsSource>,
    /// The URL of the proxy through which the endpoint is reached, without user and password.
    pub proxy: Option<String>,
}

/// A cause of a failed request that has a fix of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureCause {
    /// The host is reachable, but nothing listens on the port.
    NothingListens,
    /// The host name cannot be resolved.
    UnknownHost,
    /// The connection or the response timed out.
    Silence,
    /// The endpoint is an `https` URL, but the server does not speak TLS.
    NoTls,
    /// The endpoint is an `http` URL, but the server speaks TLS.
    OnlyTls,
    /// This machine does not trust the server's certificate.
    Certificate(CertificateFlaw),
    /// The proxy is not reachable, or rejects the request.
    Proxy,
    /// The proxy requires authentication.
    ProxyPassword,
    /// The server does not speak HTTP.
    NoHttp,
    /// The server is not DynamoDB.
    Stranger,
    /// No credentials were found.
    NoCredentials {
        /// The profiles of the AWS config files, sorted.
        known: Vec<String>,
    },
    /// The profile is not in the AWS config files.
    UnknownProfile {
        /// The requested name.
        profile: String,
        /// The existing names, sorted.
        known: Vec<String>,
        /// The source of the requested name.
        named_by: ProfileSource,
        /// The place where the AWS default chain would find credentials, as far as the environment
        /// shows.
        elsewhere: Option<CredentialsSource>,
    },
    /// The profile requires a sign-in.
    SignedOut {
        /// The profile that holds the settings of the sign-in.
        profile: String,
    },
    /// The way in which the profile gets credentials fails.
    BrokenProfile {
        /// The profile.
        profile: String,
    },
}

/// The source of a profile name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileSource {
    /// The caller.
    Caller,
    /// `AWS_PROFILE`, or the default profile, as in all AWS tools.
    Environment,
}

/// A reason not to trust a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFlaw {
    /// The issuer is unknown.
    UnknownIssuer,
    /// Expired, or not valid yet, by the clock of this machine.
    Time,
    /// Issued for another host.
    OtherHost,
    /// Another reason.
    Other,
}

/// A source of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialsSource {
    /// Named by the caller.
    Given,
    /// Placeholders, for a server on this machine.
    MadeUp,
    /// `AWS_ACCESS_KEY_ID` and the related variables.
    Environment,
    /// A profile of the AWS config files.
    Profile(String),
    /// A web identity token, named by the environment.
    WebIdentity,
    /// The container's role.
    Container,
    /// The instance's role.
    Instance,
}

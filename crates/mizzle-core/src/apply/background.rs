//! What is known of a request that failed, beyond what decides whether it is sent again.

/// For hints, and for who wants to know everything. No secret is ever in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    /// The request's id, for AWS support.
    pub request_id: Option<String>,
    /// What led to the error, in words: the outermost layer first.
    pub causes: Vec<String>,
    /// What exactly is in the way.
    pub obstacle: Option<Obstacle>,
    /// Where the credentials come from that the request was signed with, or was to be.
    pub credentials: Option<CredentialsSource>,
    /// The proxy through which the endpoint is reached: its URL, without user and password.
    pub proxy: Option<String>,
}

/// What is in the way of a request, where that changes what somebody has to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The machine is there, and nothing listens on the port.
    NothingListens,
    /// No name server knows the host.
    UnknownHost,
    /// The connection, or the answer, did not come in time.
    Silence,
    /// The endpoint says `https`, and the server does not speak TLS.
    NoTls,
    /// The endpoint says `http`, and the server speaks TLS.
    OnlyTls,
    /// This machine does not trust the server's certificate.
    Certificate(CertificateFlaw),
    /// The proxy is not there, or does not let the request through.
    Proxy,
    /// The proxy wants to know who asks.
    ProxyPassword,
    /// Something answers, and not in HTTP.
    NoHttp,
    /// Something answers that is no DynamoDB.
    Stranger,
    /// There are none anywhere.
    NoCredentials {
        /// The profiles of the AWS config files, sorted.
        known: Vec<String>,
    },
    /// The profile is not in the AWS config files.
    UnknownProfile {
        /// The name that was asked for.
        profile: String,
        /// The names that there are, sorted.
        known: Vec<String>,
        /// What names it.
        named_by: ProfileSource,
        /// Where AWS's own chain would find credentials, as far as the environment shows.
        elsewhere: Option<CredentialsSource>,
    },
    /// The profile says where to sign in, and that is to be done.
    SignedOut {
        /// The profile that holds the settings of the sign-in.
        profile: String,
    },
    /// The profile says how to get credentials in a way that fails.
    BrokenProfile {
        /// The profile.
        profile: String,
    },
}

/// What names a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileSource {
    /// The caller.
    Caller,
    /// `AWS_PROFILE`, or the default profile, as all of AWS's tools read it.
    Environment,
}

/// Why a certificate is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFlaw {
    /// Nobody knows who has issued it.
    UnknownIssuer,
    /// It has expired, or is not valid yet: by the clock of this machine.
    Time,
    /// It is for another host.
    OtherHost,
    /// Anything else.
    Other,
}

/// Where credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialsSource {
    /// The caller has named them.
    Given,
    /// Made up, for a server on this machine.
    MadeUp,
    /// `AWS_ACCESS_KEY_ID` and what belongs to it.
    Environment,
    /// A profile of the AWS config files.
    Profile(String),
    /// A web identity token, which the environment names.
    WebIdentity,
    /// The container's own.
    Container,
    /// The instance's own.
    Instance,
}

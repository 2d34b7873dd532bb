//! Whether a server may be changed at all: the config can name the one account, or this machine only.

use super::{Target, explain};
use crate::{
    error::{CommandError, ErrorKind},
    settings::Admission,
};

impl Target {
    /// Finds out which account the server belongs to, and refuses a wrong one.
    ///
    /// Nobody is asked about a server on this machine, nor, unless the config names an account, about
    /// one that is not AWS itself.
    ///
    /// # Errors
    ///
    /// When the config does not admit the server, or its account cannot be told.
    pub(crate) async fn admit(&mut self, admission: &Admission) -> Result<(), CommandError> {
        if self.is_local() {
            return Ok(());
        }
        let endpoint = &self.name.endpoint;
        if !admission.allow_remote {
            let message = format!(
                "{endpoint} is not on this machine, and the config says `allowRemote: false`"
            );
            return Err(CommandError::new(ErrorKind::Refused, "remote-not-allowed", message)
                .hint("name a server on this machine: --endpoint local")
                .hint("or use a config that allows it"));
        }
        if admission.account_id.is_none() && !is_aws(endpoint) {
            return Ok(());
        }
        match (self.control.account().await, &admission.account_id) {
            (Ok(Some(account)), Some(wanted)) if account != *wanted => {
                let message = format!(
                    "The credentials belong to account {account}, and the config says `accountId: \"{wanted}\"`"
                );
                Err(CommandError::new(ErrorKind::Refused, "wrong-account", message)
                    .hint(format!("use credentials of {wanted}: --profile, or AWS_PROFILE")))
            }
            (Ok(Some(account)), _) => {
                self.name.account = Some(account);
                Ok(())
            }
            (Ok(None), None) | (Err(_), None) => Ok(()),
            (Ok(None), Some(wanted)) => {
                let message = format!(
                    "Nobody can tell whether {endpoint} belongs to account {wanted}, as the config wants it"
                );
                Err(CommandError::new(ErrorKind::Refused, "wrong-account", message))
            }
            (Err(error), Some(_)) => Err(explain(&error, &self.name)),
        }
    }
}

/// Whether an endpoint is one of AWS's own, in whatever partition.
fn is_aws(endpoint: &str) -> bool {
    let host = endpoint.split("://").nth(1).unwrap_or(endpoint);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"]
        .iter()
        .any(|suffix| host.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::is_aws;

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
}

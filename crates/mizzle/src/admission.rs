//! Checks that a server may be changed: a config can restrict changes to one account or to this
//! machine.

use crate::{
    errors::{CommandError, ErrorKind},
    explain::explain,
    server::Target,
    settings::TargetPolicy,
};

impl Target {
    /// Determines the account of the server, and refuses a wrong one.
    ///
    /// The account is not looked up for a server on this machine, nor, unless the config names an
    /// account, for one that is not AWS itself.
    ///
    /// # Errors
    ///
    /// When the user has not named the server, the config does not allow it, or its account cannot
    /// be determined.
    pub(crate) async fn admit(&mut self, admission: &TargetPolicy) -> Result<(), CommandError> {
        if self.is_local() {
            return Ok(());
        }
        let endpoint = &self.name.endpoint;
        if !self.is_named {
            let message = format!(
                "No flag and no config says where the tables are, and {} is only the default",
                self.name
            );
            return Err(CommandError::new(ErrorKind::Usage, "unnamed-target", message)
                .hint("name the server: --region or --profile for AWS, --endpoint for any other one")
                .hint("or put `region`, `profile` or `endpoint` into the config, and run mizzle beside it"));
        }
        if !admission.allow_remote {
            let message = format!(
                "{endpoint} is not on this machine, and the config says `allowRemote: false`"
            );
            return Err(CommandError::new(ErrorKind::Refused, "remote-not-allowed", message)
                .hint("name a server on this machine: --endpoint local")
                .hint("or use a config that allows it"));
        }
        if admission.account_id.is_none() && !self.control.target().is_aws() {
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
                    "Could not determine whether {endpoint} belongs to account {wanted}, which the config requires"
                );
                Err(CommandError::new(ErrorKind::Refused, "wrong-account", message)
                    .hint("let AWS_ENDPOINT_URL_STS lead to the STS of that server, or leave `accountId` out for it"))
            }
            (Err(error), Some(_)) => Err(explain(&error, &self.name)),
        }
    }
}

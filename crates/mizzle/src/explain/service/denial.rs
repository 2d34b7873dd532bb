//! "User: … is not authorized to perform: …": the missing permission, and the person who can grant
//! it.
//!
//! Source of the wordings:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.

use mizzle_core::apply::ServiceError;

/// The contents of an access-denied message by AWS.
#[derive(Debug, PartialEq, Eq)]
struct Denial<'a> {
    /// The ARN of the principal.
    principal: &'a str,
    /// The action, such as `dynamodb:UpdateTable`.
    action: &'a str,
    /// The resource: an ARN, or `*`.
    resource: Option<&'a str>,
    /// The policy that denied the action, if AWS names it.
    by: Option<Verdict>,
}

/// The policy that denied an action.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    policy: Policy,
    /// True for an explicit deny, false for a missing allow.
    is_explicit: bool,
}

/// The kinds of policies in AWS's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Identity,
    Resource,
    Boundary,
    Session,
    ServiceControl,
    ResourceControl,
    Endpoint,
}

impl Policy {
    const ALL: [(&'static str, Self); 7] = [
        ("identity-based policy", Self::Identity),
        ("resource-based policy", Self::Resource),
        ("permissions boundary", Self::Boundary),
        ("session policy", Self::Session),
        ("service control policy", Self::ServiceControl),
        ("resource control policy", Self::ResourceControl),
        ("VPC endpoint policy", Self::Endpoint),
    ];
}

impl<'a> Denial<'a> {
    fn parse(message: &'a str) -> Option<Self> {
        let (principal, rest) = message.split_once(" is not authorized to perform: ")?;
        let principal = principal.trim_start_matches("User: ");
        let (action, rest) = word(rest);
        let (resource, rest) = match rest.strip_prefix("on resource: ") {
            Some(rest) => {
                let (resource, rest) = word(rest);
                (Some(resource), rest)
            }
            None => (None, rest),
        };
        let is_explicit = rest.starts_with("with an explicit deny in");
        let policy = Policy::ALL.iter().find(|(name, _)| rest.contains(name));
        let by = policy.map(|(_, policy)| Verdict { policy: *policy, is_explicit });
        Some(Self { principal, action, resource, by })
    }
}

/// Returns the first word, and the rest.
fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word.trim_matches(['"', ',']), rest.trim_start())
}

/// Returns the hints for a missing permission.
pub(super) fn hints(error: &ServiceError) -> Vec<String> {
    let Some(denial) = Denial::parse(&error.message) else {
        let table = error.table.as_ref().map(|table| format!(" on the table {table}"));
        return vec![
            format!(
                "the credentials lack the permission {}:{}{}",
                if error.operation == "GetCallerIdentity" { "sts" } else { "dynamodb" },
                error.operation,
                table.unwrap_or_default()
            ),
            "allow it in a policy of their principal".to_owned(),
        ];
    };
    let Denial { principal, action, resource, by } = denial;
    let table = error.table.as_deref();
    let on =
        resource.and_then(place).or_else(|| table.map(|table| format!(" on the table {table}")));
    let missing = format!("the credentials lack the permission {action}{}", on.unwrap_or_default());
    vec![missing, remedy(by.as_ref(), &owner(principal))]
}

/// Returns the fix, and the person who can make it.
fn remedy(by: Option<&Verdict>, owner: &Owner<'_>) -> String {
    const ORGANIZATION: &str = "only an administrator of the organization can change that";
    let Some(Verdict { policy, is_explicit }) = by else {
        return format!("allow it in {}", owner.policy());
    };
    match (policy, is_explicit) {
        (Policy::Identity, false) => {
            format!("no identity policy allows it: allow it in {}", owner.policy())
        }
        (Policy::Identity, true) => {
            format!("an identity policy denies it: take the denial out of {}", owner.policy())
        }
        (Policy::Resource, false) => {
            "the resource policy of the table does not allow it: allow it there".to_owned()
        }
        (Policy::Resource, true) => {
            "the resource policy of the table denies it: take the denial out there".to_owned()
        }
        (Policy::Boundary, false) => format!(
            "the permissions boundary of {} does not allow it: extend the boundary, or use other credentials",
            owner.name
        ),
        (Policy::Boundary, true) => format!(
            "the permissions boundary of {} denies it: change the boundary, or use other credentials",
            owner.name
        ),
        (Policy::Session, false) => {
            "the policy that the session was given does not allow it: sign in without it".to_owned()
        }
        (Policy::Session, true) => {
            "the policy that the session was given denies it: sign in without it".to_owned()
        }
        (Policy::ServiceControl, false) => {
            format!("no service control policy (SCP) allows it: {ORGANIZATION}")
        }
        (Policy::ServiceControl, true) => {
            format!("a service control policy (SCP) denies it: {ORGANIZATION}")
        }
        (Policy::ResourceControl, false) => {
            format!("no resource control policy (RCP) allows it: {ORGANIZATION}")
        }
        (Policy::ResourceControl, true) => {
            format!("a resource control policy (RCP) denies it: {ORGANIZATION}")
        }
        (Policy::Endpoint, false) => {
            "the policy of the VPC endpoint does not allow it: allow it there, or go another way"
                .to_owned()
        }
        (Policy::Endpoint, true) => {
            "the policy of the VPC endpoint denies it: change it there, or go another way"
                .to_owned()
        }
    }
}

/// The owner of the credentials.
struct Owner<'a> {
    /// The kind and the name: `the role Deploy`.
    name: String,
    /// The permission set of IAM Identity Center that the role belongs to.
    permission_set: Option<&'a str>,
}

impl Owner<'_> {
    /// Returns the place where the permission can be granted.
    fn policy(&self) -> String {
        match self.permission_set {
            // IAM Identity Center manages the role in the account, so it cannot be edited there.
            Some(set) => format!("the permission set {set} (IAM Identity Center)"),
            None => format!("a policy of {}", self.name),
        }
    }
}

/// Returns the owner by an ARN: `arn:aws:sts::123456789012:assumed-role/Deploy/session` is the role
/// Deploy.
fn owner(principal: &str) -> Owner<'_> {
    let resource = principal.splitn(6, ':').nth(5).unwrap_or(principal);
    let mut parts = resource.split('/');
    let (kind, first) = (parts.next().unwrap_or_default(), parts.next());
    let (name, permission_set) = match (kind, first) {
        ("assumed-role", Some(role)) => {
            // AWSReservedSSO_<permission set>_<sixteen digits>
            let set = role.strip_prefix("AWSReservedSSO_").and_then(|rest| rest.rsplit_once('_'));
            (format!("the role {role}"), set.map(|(set, _)| set))
        }
        ("user", Some(first)) => (format!("the user {}", parts.next_back().unwrap_or(first)), None),
        ("role", Some(first)) => (format!("the role {}", parts.next_back().unwrap_or(first)), None),
        _ => (principal.to_owned(), None),
    };
    Owner { name, permission_set }
}

/// Describes the resource of a DynamoDB ARN: ` on the table Shop`.
fn place(arn: &str) -> Option<String> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let mut parts = resource.split('/');
    let table = parts.next().filter(|kind| *kind == "table").and_then(|_| parts.next())?;
    Some(match (parts.next(), parts.next()) {
        (Some("index"), Some(index)) => format!(" on the index {index} of {table}"),
        (Some("stream"), _) => format!(" on the stream of {table}"),
        (Some("backup"), _) => format!(" on the backups of {table}"),
        _ if table == "*" => " on all tables".to_owned(),
        _ => format!(" on the table {table}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mizzle_core::apply::{ErrorDetails, ServiceErrorKind};

    fn denied(message: &str) -> Vec<String> {
        hints(&ServiceError {
            kind: ServiceErrorKind::AccessDenied,
            operation: "UpdateTable",
            table: Some("Shop".to_owned()),
            code: Some("AccessDeniedException".to_owned()),
            message: message.to_owned(),
            background: Box::new(ErrorDetails::default()),
        })
    }

    #[test]
    fn a_denial_names_action_resource_and_policy() {
        let user = "User: arn:aws:iam::123456789012:user/team/ci is not authorized to perform: dynamodb:UpdateTable";
        let table = "on resource: arn:aws:dynamodb:eu-central-1:123456789012:table/Shop";
        let lacks = "the credentials lack the permission dynamodb:UpdateTable on the table Shop";
        for (rest, remedy) in [
            ("", "allow it in a policy of the user ci"),
            (
                " because no identity-based policy allows the dynamodb:UpdateTable action",
                "no identity policy allows it: allow it in a policy of the user ci",
            ),
            (
                " with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/Freeze",
                "an identity policy denies it: take the denial out of a policy of the user ci",
            ),
            (
                " with an explicit deny in a service control policy",
                "a service control policy (SCP) denies it: only an administrator of the organization can change that",
            ),
            (
                " because no permissions boundary allows the dynamodb:UpdateTable action",
                "the permissions boundary of the user ci does not allow it: extend the boundary, or use other credentials",
            ),
            (
                " because no VPC endpoint policy allows the dynamodb:UpdateTable action",
                "the policy of the VPC endpoint does not allow it: allow it there, or go another way",
            ),
            (
                " with an explicit deny in a resource-based policy",
                "the resource policy of the table denies it: take the denial out there",
            ),
        ] {
            assert_eq!(denied(&format!("{user} {table}{rest}")), [lacks, remedy], "{rest}");
        }
        assert_eq!(denied(user), [lacks, "allow it in a policy of the user ci"]);
    }

    #[test]
    fn a_principal_is_named_as_people_know_it() {
        for (principal, policy) in [
            ("arn:aws:sts::123456789012:assumed-role/Deploy/ci-1", "a policy of the role Deploy"),
            (
                "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Power_User_0123456789abcdef/me@example.com",
                "the permission set Power_User (IAM Identity Center)",
            ),
            ("arn:aws-cn:iam::123456789012:role/a/b/Deploy", "a policy of the role Deploy"),
            ("arn:aws:iam::123456789012:root", "a policy of arn:aws:iam::123456789012:root"),
            ("anonymous", "a policy of anonymous"),
        ] {
            assert_eq!(owner(principal).policy(), policy);
        }
    }

    #[test]
    fn a_resource_is_named_as_people_know_it() {
        let arn = |rest: &str| place(&format!("arn:aws:dynamodb:eu-central-1:123456789012:{rest}"));
        for (rest, expected) in [
            ("table/Shop", Some(" on the table Shop")),
            ("table/Shop/index/byDate", Some(" on the index byDate of Shop")),
            ("table/Shop/stream/2025-01-01T00:00:00.000", Some(" on the stream of Shop")),
            ("table/*", Some(" on all tables")),
            ("global-table/Shop", None),
        ] {
            assert_eq!(arn(rest).as_deref(), expected, "{rest}");
        }
        assert_eq!(place("*"), None);
    }

    #[test]
    fn a_denial_in_other_words_names_the_request() {
        assert_eq!(
            denied("No."),
            [
                "the credentials lack the permission dynamodb:UpdateTable on the table Shop",
                "allow it in a policy of their principal",
            ]
        );
    }
}

//! Messages of an error and its causes.

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::error::ErrorMetadata;
use std::{error::Error, io, iter};

/// Returns the error and its causes, the outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| {
        // An `io::Error` that holds another error returns the inner error's source as its own.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

/// Returns the first error of type `E` in the chain of causes.
pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// Returns the messages of the error and its causes, the outermost first. Layers without
/// information, and repetitions, are left out.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    for text in chain(error).flat_map(words).map(without_output) {
        let is_news = !causes.iter().any(|known| known.contains(&text));
        if is_news && !SAYS_NOTHING.contains(&text.as_str()) {
            causes.push(text);
        }
    }
    causes
}

/// Returns the message without the output of a credential process, which may hold the credentials.
fn without_output(message: String) -> String {
    // The SDK has no type for these errors.
    const PROCESS: &str = "external process";
    const OUTPUT: [&str; 3] = [" Stderr:", ": could not decode", ", could not parse response"];
    let beginning = OUTPUT.iter().filter_map(|words| message.find(words)).min();
    match beginning.filter(|_| message.contains(PROCESS)) {
        Some(beginning) => format!("{} (its output is not shown)", &message[..beginning]),
        None => message,
    }
}

/// Returns the last cause in the chain: the outer ones only name the layer in which it occurred.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).pop().unwrap_or_default()
}

/// Messages without information: those of the layers of the SDK and its HTTP client, and the one at
/// the end of every timeout.
const SAYS_NOTHING: [&str; 15] = [
    "",
    "dispatch failure",
    "service error",
    "response error",
    "request has timed out",
    "unhandled error",
    "io error",
    "other",
    "timeout",
    "timed out",
    "client error (Connect)",
    "client error (SendRequest)",
    "the credential provider was not enabled",
    "an error occurred while loading credentials",
    "an error occurred while loading an access token",
];

/// Returns the messages of one error, without those of its causes.
fn words(error: &(dyn Error + 'static)) -> Vec<String> {
    if let Some(metadata) = error.downcast_ref::<ErrorMetadata>() {
        // Its `Display` would show the names of its fields.
        let message = first_paragraph(metadata.message().unwrap_or_default());
        return vec![match (message.as_str(), metadata.code()) {
            ("", code) => code.unwrap_or_default().to_owned(),
            (message, Some(code)) => format!("{message} ({code})"),
            (message, None) => message.to_owned(),
        }];
    }
    if let Some(tried) = error.downcast_ref::<ProviderChainError<CredentialsError>>() {
        let attempts = tried.attempts().iter();
        return attempts
            .map(|attempt| {
                let reason = causes(attempt.error()).join(": ");
                let reason = if reason.is_empty() { "nothing of use" } else { &reason };
                format!("{}: {reason}", place(attempt.name()))
            })
            .collect();
    }
    let text = error.to_string();
    // The system's error number is of no use to users.
    let text = text.split(" (os error").next().unwrap_or(&text);
    // Some messages span several lines.
    let lines = first_paragraph(text);
    vec![lines.lines().map(str::trim).collect::<Vec<_>>().join(" ")]
}

/// Returns the name of the place in which a provider of AWS's chain looks.
fn place(provider: &str) -> &str {
    match provider {
        "Environment" => "environment",
        "Profile" => "AWS config files",
        "WebIdentityToken" => "web identity token",
        "EcsContainer" => "container",
        "Ec2InstanceMetadata" => "instance",
        other => other,
    }
}

/// Returns the first paragraph of a message. The following ones are for authors of SDKs: for a
/// wrong signature they repeat the signed request, including the session token.
pub(crate) fn first_paragraph(message: &str) -> String {
    message.split("\n\n").next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_paragraph_of_a_message_is_kept() {
        let message = "The signature does not match.\n\nThe Canonical String should have been\n\
                       'POST\n/\n\nx-amz-security-token:hunter2";
        assert_eq!(first_paragraph(message), "The signature does not match.");
        assert_eq!(first_paragraph(""), "");
        let metadata = ErrorMetadata::builder().code("Wrong").message(message).build();
        assert_eq!(causes(&metadata), ["The signature does not match. (Wrong)"]);
    }

    #[test]
    fn the_output_of_a_credential_process_is_not_shown() {
        for (message, shown) in [
            (
                "Error retrieving credentials: external process exited with code 1. Stderr: key",
                "Error retrieving credentials: external process exited with code 1. (its output is not shown)",
            ),
            (
                "Error retrieving credentials from external process, could not parse response: key",
                "Error retrieving credentials from external process (its output is not shown)",
            ),
            ("Stderr: something else", "Stderr: something else"),
        ] {
            assert_eq!(without_output(message.to_owned()), shown);
        }
    }

    #[test]
    fn errors_within_errors_of_the_system_are_found() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, "not TLS");
        let outer = io::Error::other(io::Error::other(inner));
        assert_eq!(causes(&outer), ["not TLS"]);
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(innermost(&refused), "connection refused");
    }
}

//! Sources that hold secrets.

/// True if a source holds credentials, or could. Which of its words is the secret cannot be known: where
/// this is true, nothing of the source is shown, and neither is what the engine quotes of its values.
pub fn speaks_of_credentials(source: &str) -> bool {
    const SIGNS: [&str; 4] =
        ["secretaccesskey", "sessiontoken", "secret_access_key", "aws_session_token"];
    let source = source.to_ascii_lowercase();
    SIGNS.iter().any(|sign| source.contains(sign))
}

//! Detects sources that contain secrets.

/// True if a source contains or may contain credentials. The secret itself cannot be identified: if
/// this is true, no part of the source is shown, nor any of its values that the engine quotes.
pub fn speaks_of_credentials(source: &str) -> bool {
    const SIGNS: [&str; 4] =
        ["secretaccesskey", "sessiontoken", "secret_access_key", "aws_session_token"];
    let source = source.to_ascii_lowercase();
    SIGNS.iter().any(|sign| source.contains(sign))
}

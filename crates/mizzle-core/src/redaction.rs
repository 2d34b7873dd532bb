//! Removes credentials from everything that is shown or stored.
//!
//! Care at each source comes first; this is the second line of defence. Code that reads a secret
//! [remembers](remember) it here, and every text is [redacted](redact) before it leaves the
//! process. The list of secrets is global, because the outputs of a process are: interrupt handlers
//! and the console of evaluated code write too.

use std::{
    borrow::Cow,
    sync::{PoisonError, RwLock},
};

/// The placeholder of a secret.
const PLACEHOLDER: &str = "[redacted]";

/// The minimum length in bytes of a secret that is redacted. Shorter ones protect nothing (`local`,
/// `test`) and are part of ordinary words.
const SHORTEST: usize = 8;

/// The secrets that were read, the longest first: one may be part of another.
static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Remembers a secret: a secret access key or a session token.
pub fn remember(secret: &str) {
    let secret = secret.trim();
    if secret.len() < SHORTEST {
        return;
    }
    // The secret may also appear percent-encoded in a URL.
    let encoded = secret.replace('%', "%25").replace('/', "%2F").replace('+', "%2B");
    let encoded = encoded.replace('=', "%3D");
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    for form in [secret.to_owned(), encoded] {
        if !secrets.contains(&form) {
            secrets.push(form);
        }
    }
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
}

/// The names of the fields and variables that hold secrets, in lower case and without underscores.
const NAMES: [&str; 4] =
    ["secretaccesskey", "sessiontoken", "awssecretaccesskey", "awssessiontoken"];

/// Remembers the string literals in a source file that follow the name of a secret:
/// `secretAccessKey: "…"`. Code may print them before they are read as credentials.
pub fn remember_literals(source: &str) {
    let mut rest = source;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
        let word = &rest[start..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, behind) = word.split_at(end.unwrap_or(word.len()));
        rest = behind;
        let name = name.replace('_', "").to_ascii_lowercase();
        if !NAMES.contains(&name.as_str()) {
            continue;
        }
        let value =
            behind.trim_start_matches(['"', '\'', ']', ' ', '\t', '\n', '\r', ':', '=', '?']);
        let before = behind[..behind.len() - value.len()].chars().next_back();
        let (quote, value) = match (before, value.strip_prefix('`')) {
            (_, Some(value)) => (Some('`'), value),
            (before, None) => (before.filter(|c| matches!(c, '"' | '\'')), value),
        };
        if let Some((secret, _)) = quote.and_then(|quote| value.split_once(quote)) {
            remember(secret);
        }
    }
}

/// Remembers the id of an access key if AWS issues such ids. Made-up ids may be ordinary words.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>.
pub fn remember_key_id(id: &str) {
    if is_key_id(id.trim()) {
        remember(id);
    }
}

/// True if a text has the form of an AWS access key id.
fn is_key_id(text: &str) -> bool {
    (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns the text without the secrets that were read so far.
pub fn redact(text: &str) -> Cow<'_, str> {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    let mut redacted = Cow::Borrowed(text);
    for secret in secrets.iter().filter(|secret| text.contains(secret.as_str())) {
        redacted = Cow::Owned(redacted.replace(secret.as_str(), PLACEHOLDER));
    }
    redacted
}

/// Remembers a value that looks like a key or a token but was given for another field: error
/// messages repeat invalid values.
pub fn suspect(value: &str) {
    let value = value.trim();
    let is = |test: fn(&u8) -> bool| value.bytes().any(|byte| test(&byte));
    let is_mixed =
        is(u8::is_ascii_uppercase) && is(u8::is_ascii_lowercase) && is(u8::is_ascii_digit);
    let is_token = value.len() >= 16 && is_mixed && !value.contains([' ', ':', '.']);
    if is_token || is_key_id(value) || value.len() > 256 {
        remember(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_not_shown() {
        let secret = "wJalrXUtnFEMI/K7MDENG/one+0001";
        assert_eq!(redact(secret), secret);
        remember(secret);
        remember(&format!("{secret}-and-more"));
        remember("a");
        remember_key_id("local");
        remember_key_id("AKIAREDACTION000TEST");
        assert_eq!(
            redact(&format!("a {secret}-and-more, {secret}; AKIAREDACTION000TEST at local")),
            "a [redacted], [redacted]; [redacted] at local"
        );
        assert_eq!(redact("?s=wJalrXUtnFEMI%2FK7MDENG%2Fone%2B0001"), "?s=[redacted]");
    }

    #[test]
    fn literals_beside_the_name_of_a_secret_are_remembered() {
        remember_literals(
            "export default { credentials: { accessKeyId: 'someKeyId', secretAccessKey: \"literal/one\",\n\
             \"sessionToken\" : 'literal/two' } };\nprocess.env['AWS_SECRET_ACCESS_KEY'] = `literal/six`;\n\
             const secretAccessKey = process.env.KEY; sessionToken",
        );
        assert_eq!(
            redact("literal/one literal/two literal/six process.env.KEY someKeyId"),
            "[redacted] [redacted] [redacted] process.env.KEY someKeyId"
        );
    }

    #[test]
    fn a_value_that_may_be_a_secret_is_not_repeated() {
        for value in ["eu-west-1", "us-esat-1", "http://127.0.0.1:8000", "production", "MyTeam"] {
            suspect(value);
            assert_eq!(redact(value), value);
        }
        for secret in ["wJalrXUtnFEMI/K7MDENG/other+002", "AKIAIOSFODNN7EXAMPLE"] {
            suspect(secret);
            assert_eq!(redact(secret), "[redacted]");
        }
    }
}

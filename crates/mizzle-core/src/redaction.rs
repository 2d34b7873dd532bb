//! Keeping credentials out of everything that is shown or stored.
//!
//! Care at each source comes first. This is the second line of defence: whoever reads a secret
//! [remembers](remember) it here, and every text is [redacted](redact) before it leaves the process. The
//! memory belongs to the process, because so do its outputs: an interrupt and the console of evaluated code
//! write too.

use std::{
    borrow::Cow,
    sync::{PoisonError, RwLock},
};

/// The placeholder of a secret.
const PLACEHOLDER: &str = "[redacted]";

/// The fewest bytes of a secret that is redacted. Shorter ones protect nothing (`local`, `test`), and are
/// part of ordinary words.
const SHORTEST: usize = 8;

/// The secrets that were read, the longest first: one may be part of another.
static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Remembers a secret: a secret access key, a session token.
pub fn remember(secret: &str) {
    let secret = secret.trim();
    if secret.len() < SHORTEST {
        return;
    }
    // In a URL it looks different.
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

/// Remembers the string literals of a source file that stand beside the name of a secret:
/// `secretAccessKey: "…"`. Code may show them before anybody has read them as what they are.
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

/// Remembers the id of an access key, if it is one of AWS: made-up ones are ordinary words.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>.
pub fn remember_key_id(id: &str) {
    if is_key_id(id.trim()) {
        remember(id);
    }
}

/// Whether a text has the form of AWS's ids of access keys.
fn is_key_id(text: &str) -> bool {
    (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The text without the secrets that were read so far.
pub fn redact(text: &str) -> Cow<'_, str> {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    let mut redacted = Cow::Borrowed(text);
    for secret in secrets.iter().filter(|secret| text.contains(secret.as_str())) {
        redacted = Cow::Owned(redacted.replace(secret.as_str(), PLACEHOLDER));
    }
    redacted
}

/// Remembers a value that looks like a key or a token where something else is expected: messages repeat
/// what they do not understand.
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

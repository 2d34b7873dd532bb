//! A tokenizer for PartiQL statements, sufficient to find names.

/// Splits a statement into words, quoted texts, spaces and single characters.
pub(super) fn tokens(statement: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            _ if first.is_alphanumeric() || first == '_' => {
                rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len())
            }
            _ if first.is_whitespace() => {
                rest.find(|it: char| !it.is_whitespace()).unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

/// Returns the name in a token.
pub(super) fn identifier(token: &str) -> Option<&str> {
    match token.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"'),
        None => {
            Some(token).filter(|it| it.starts_with(|it: char| it.is_alphanumeric() || it == '_'))
        }
    }
}

/// Writes the token if it has this name, or else the quoted name.
pub(super) fn push_identifier(statement: &mut String, token: &str, name: &str) {
    if identifier(token) == Some(name) {
        statement.push_str(token);
    } else {
        statement.push('"');
        statement.push_str(name);
        statement.push('"');
    }
}

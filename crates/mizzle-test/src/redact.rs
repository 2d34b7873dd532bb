//! Makes output comparable between runs and machines.

use regex_lite::Regex;
use std::path::Path;

/// The replacements in output, in order.
#[derive(Debug, Clone)]
pub(crate) struct Redactions {
    literal: Vec<(String, &'static str)>,
    patterns: Vec<(Regex, &'static str)>,
}

/// Measured times (`1.2s`, `340ms`, `1.2 s`, `340 ms`) are replaced, configured ones (`10 s`,
/// `5 minutes`) are not. Accounts are replaced if a test made them up
/// ([`ACCOUNT_PREFIX`](crate::servers::ACCOUNT_PREFIX)).
const PATTERNS: &[(&str, &str)] = &[
    (r#"arn:aws:dynamodb:[^\s"]+/backup/[^\s"]+"#, "[backup ARN]"),
    (r"-mizzle-\d{8}T\d{6}Z\b", "-mizzle-[timestamp]"),
    (r"\b(127\.0\.0\.1|localhost):\d+", "$1:[port]"),
    (r"\bMIZZLETEST[0-9A-Za-z]{16}\b", "[access key]"),
    (r"\bASIA[0-9A-Z]{16}\b", "[access key]"),
    (r"\brequest id [0-9A-Za-z]{30,}\b", "request id [id]"),
    (r"\b7777\d{8}\b", "[account]"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[id]"),
    // The time at which a migration was applied, and the user.
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ by [^\s)@]+@[^\s):]+", "[timestamp] by [user]"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "[timestamp]"),
    (r"\b(pid|process) \d+\b", "$1 [pid]"),
    (r"\b(\d+m ?)?\d+(\.\d+)?(ns|µs|ms|s)\b", "[time]"),
    (r"\b\d+\.\d+ s\b", "[time]"),
    (r"\b\d+(\.\d+)? (ns|µs|ms)\b", "[time]"),
];

impl Redactions {
    /// Creates the replacements for every output.
    pub(crate) fn standard() -> Self {
        let compile = |(pattern, replacement): &(&str, &'static str)| {
            (Regex::new(pattern).expect("the patterns are valid"), *replacement)
        };
        Self { literal: Vec::new(), patterns: PATTERNS.iter().map(compile).collect() }
    }

    /// Also replaces a folder; the inner of two nested folders must be added first.
    pub(crate) fn folder(mut self, folder: &Path, replacement: &'static str) -> Self {
        self.literal.push((folder.display().to_string(), replacement));
        self
    }

    /// Applies all replacements.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.literal {
            text = text.replace(from, to);
        }
        for (pattern, to) in &self.patterns {
            text = pattern.replace_all(&text, *to).into_owned();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Redactions;
    use std::path::Path;

    #[test]
    fn replaces_what_differs_from_run_to_run_and_nothing_else() {
        let redactions = Redactions::standard().folder(Path::new("/tmp/x1/project"), "[project]");
        for (text, expected) in [
            (
                "wrote /tmp/x1/project/migrations/0000_init.ts",
                "wrote [project]/migrations/0000_init.ts",
            ),
            (
                "http://127.0.0.1:8123/ and localhost:80",
                "http://127.0.0.1:[port]/ and localhost:[port]",
            ),
            ("key MIZZLETEST0123456789abcdEF.", "key [access key]."),
            ("key ASIA3KEUIIEA5EAKYP75.", "key [access key]."),
            (
                "arn:aws:dynamodb:us-east-1:777700000001:table/Shop",
                "arn:aws:dynamodb:us-east-1:[account]:table/Shop",
            ),
            ("request id gADV7vySp4Ab3l3goAJRDK7dRYYrrg4rlysXSCLF8GJPQYko", "request id [id]"),
            ("id 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "id [id]"),
            ("at 2025-11-22T11:40:00.123Z", "at [timestamp]"),
            ("(2025-11-22T11:40:00Z by ada@build-7): a", "([timestamp] by [user]): a"),
            ("held by process 4711 (pid 12)", "held by process [pid] (pid [pid])"),
            ("done in 1.2s, 340ms, 12µs, 1m 02s", "done in [time], [time], [time], [time]"),
            ("done in 1.25 s or 340 ms", "done in [time] or [time]"),
            ("stopped after 10 s", "stopped after 10 s"),
            ("5 tables, 3 GSIs, 1 minute", "5 tables, 3 GSIs, 1 minute"),
            ("0001_add_orders_by_status.ts:12:5", "0001_add_orders_by_status.ts:12:5"),
            ("table users2s", "table users2s"),
        ] {
            assert_eq!(redactions.apply(text), expected);
        }
    }
}

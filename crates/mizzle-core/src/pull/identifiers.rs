//! Derives names of constants from names of tables and entities.

use heck::{ToLowerCamelCase, ToUpperCamelCase};
use std::collections::{BTreeMap, BTreeSet};

/// Words that no constant of a module may have as its name, and the names of the schema functions.
const TAKEN: [&str; 78] = [
    "arguments",
    "await",
    "binary",
    "binarySet",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "compositeKey",
    "const",
    "continue",
    "date",
    "debugger",
    "default",
    "delete",
    "do",
    "dynamoEntity",
    "dynamoTable",
    "else",
    "enum",
    "eval",
    "export",
    "exports",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "globalThis",
    "gsi",
    "if",
    "implements",
    "import",
    "in",
    "infinity",
    "instanceof",
    "interface",
    "json",
    "let",
    "list",
    "lsi",
    "map",
    "module",
    "new",
    "null",
    "number",
    "numberSet",
    "package",
    "prefixKey",
    "private",
    "process",
    "protected",
    "public",
    "require",
    "return",
    "self",
    "static",
    "staticKey",
    "string",
    "stringSet",
    "super",
    "switch",
    "then",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "uuid",
    "var",
    "void",
    "while",
    "window",
    "with",
    "yield",
];

/// Returns a unique constant name in camel case for each of the given names, in their order, and
/// avoids those in `used`. `kind` (`table`) goes before a leading digit and after a reserved word:
/// `2024-orders` becomes `table2024Orders`, `class` becomes `classTable`.
///
/// If several names result in the same constant, the first keeps it and the others are numbered. A
/// constant does not depend on unrelated names.
pub fn identifiers(names: &[&str], kind: &str, used: &BTreeSet<String>) -> Vec<String> {
    let natural: Vec<String> = names.iter().map(|name| natural(name, kind)).collect();
    let mut taken: BTreeSet<String> = natural.iter().chain(used).cloned().collect();
    let mut given: BTreeMap<&str, usize> = BTreeMap::new();
    let mut chosen = Vec::with_capacity(natural.len());
    for name in &natural {
        let count = given.entry(name).or_default();
        *count += 1;
        if *count == 1 && !used.contains(name) {
            chosen.push(name.clone());
            continue;
        }
        let numbered = (2_usize..).map(|number| format!("{name}{number}"));
        let free = numbered.into_iter().find(|numbered| taken.insert(numbered.clone()));
        chosen.extend(free);
    }
    chosen
}

fn natural(name: &str, kind: &str) -> String {
    let ascii: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let camel = ascii.to_lower_camel_case();
    match camel.chars().next() {
        None => kind.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{kind}{}", ascii.to_upper_camel_case()),
        Some(_) if TAKEN.binary_search(&camel.as_str()).is_ok() => {
            format!("{camel}{}", kind.to_upper_camel_case())
        }
        Some(_) => camel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(names: &[&str]) -> Vec<String> {
        identifiers(names, "table", &BTreeSet::new())
    }

    #[test]
    fn names_read_well() {
        for (name, expected) in [
            ("Shop", "shop"),
            ("my-app.prod_Orders", "myAppProdOrders"),
            ("ORDER_LINES", "orderLines"),
            ("HTTPLogs", "httpLogs"),
            ("orders2024", "orders2024"),
            ("2024-orders", "table2024Orders"),
            ("class", "classTable"),
            ("String", "stringTable"),
            ("__proto__", "proto"),
            ("constructor", "constructor"),
            ("...", "table"),
            ("007", "table007"),
        ] {
            assert_eq!(named(&[name]), [expected], "{name}");
        }
    }

    #[test]
    fn names_that_come_to_the_same_are_numbered() {
        assert_eq!(
            named(&["Orders", "or-ders", "orders", "orders2", "ORDERS"]),
            ["orders", "orDers", "orders3", "orders2", "orders4"]
        );
        let used = BTreeSet::from(["orders".to_owned()]);
        assert_eq!(identifiers(&["Orders", "orders"], "entity", &used), ["orders2", "orders3"]);
    }

    #[test]
    fn the_words_are_in_order() {
        assert!(TAKEN.is_sorted());
    }

    proptest! {
        #[test]
        fn every_name_is_another_and_can_be_declared(
            names in prop::collection::vec("[a-zA-Z0-9_.-]{1,8}", 0..30)
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let named = named(&names);
            let distinct: BTreeSet<&String> = named.iter().collect();
            prop_assert_eq!(distinct.len(), names.len());
            for name in &named {
                prop_assert!(TAKEN.binary_search(&name.as_str()).is_err(), "{}", name);
                prop_assert!(crate::typescript::is_identifier(name), "{}", name);
            }
        }
    }
}

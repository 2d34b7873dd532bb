//! Names of resources: names of tables in the characters that other tools allow.

use heck::{ToSnakeCase, ToUpperCamelCase};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The namespace of the digests that distinguish equal names; any fixed value would do.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d69_7a7a_6c65_5f65_7870_6f72_745f_6964);

/// The maximum length of the part of a name that is used. CloudFormation allows 255 characters.
const LONGEST: usize = 200;

/// Returns logical ids of a CloudFormation template: letters and digits.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html>.
pub(super) fn logical_ids<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    unique(names, |name| match name.to_upper_camel_case() {
        id if id.is_empty() => "Table".to_owned(),
        id => id,
    })
}

/// Returns Terraform identifiers: letters, digits and underscores, not starting with a digit.
/// Source: <https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers>.
pub(super) fn identifiers<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    unique(names, |name| match name.to_snake_case() {
        id if id.is_empty() => "table".to_owned(),
        id if id.starts_with(|first: char| first.is_ascii_digit()) => format!("table_{id}"),
        id => id,
    })
}

/// Makes names unique: tables that would have the same name get a digest as a suffix, except for a
/// table that already has the resulting name.
fn unique<'a>(
    names: impl Iterator<Item = &'a str>,
    call: impl Fn(&str) -> String,
) -> BTreeMap<&'a str, String> {
    let mut wishes: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
    for name in names {
        let mut wish = call(name);
        wish.truncate(LONGEST);
        wishes.entry(wish).or_default().push(name);
    }
    let mut called = BTreeMap::new();
    let mut taken: BTreeSet<String> = wishes.keys().cloned().collect();
    for (wish, names) in wishes {
        let is_alone = names.len() == 1;
        for name in names {
            let id = if is_alone || name == wish {
                wish.clone()
            } else {
                let digest = Uuid::new_v5(&NAMESPACE, name.as_bytes()).simple().to_string();
                let candidates = (8..=digest.len()).map(|end| format!("{wish}{}", &digest[..end]));
                let free = candidates.into_iter().find(|id| !taken.contains(id));
                free.unwrap_or_else(|| format!("{wish}{digest}"))
            };
            taken.insert(id.clone());
            called.insert(name, id);
        }
    }
    called
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn resources_are_called_after_their_tables() {
        for (name, logical_id, identifier) in [
            ("Shop", "Shop", "shop"),
            ("orders", "Orders", "orders"),
            ("order-items.v2", "OrderItemsV2", "order_items_v2"),
            ("2024_archive", "2024Archive", "table_2024_archive"),
            ("...", "Table", "table"),
        ] {
            let one = || std::iter::once(name);
            assert_eq!(logical_ids(one())[name], logical_id, "{name}");
            assert_eq!(identifiers(one())[name], identifier, "{name}");
        }
    }

    #[test]
    fn names_that_would_be_the_same_are_told_apart() {
        let names = ["my-table", "MyTable", "my_table"];
        let ids = logical_ids(names.into_iter());
        assert_eq!(ids["MyTable"], "MyTable");
        assert!(ids["my-table"].starts_with("MyTable") && ids["my-table"] != ids["my_table"]);
        // The order does not matter.
        assert_eq!(logical_ids(names.into_iter().rev()), ids);
    }

    proptest! {
        #[test]
        fn no_two_tables_are_called_the_same(
            names in prop::collection::btree_set("[aAbB1._-]{3,6}|[a-zA-Z0-9_.-]{3,255}", 1..30)
        ) {
            let all = || names.iter().map(String::as_str);
            for (called, is_first, is_next) in [
                (
                    logical_ids(all()),
                    (|c: char| c.is_ascii_alphanumeric()) as fn(char) -> bool,
                    (|c: char| c.is_ascii_alphanumeric()) as fn(char) -> bool,
                ),
                (
                    identifiers(all()),
                    |c: char| c.is_ascii_lowercase(),
                    |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_',
                ),
            ] {
                let ids: BTreeSet<&String> = called.values().collect();
                prop_assert_eq!(ids.len(), names.len());
                for id in ids {
                    prop_assert!(id.len() <= 255 && id.starts_with(is_first) && id.chars().all(is_next), "{id}");
                }
            }
        }
    }
}

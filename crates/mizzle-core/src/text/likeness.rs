//! Similar names, for suggestions.

/// The similarity above which a difference may be a typo.
const ALIKE: f64 = 0.8;

/// Returns "did you mean …?" with the candidate that is closest to `given`, if one is close enough
/// to be a typo.
pub fn did_you_mean<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    closest(given, candidates).map(|candidate| format!("did you mean {candidate:?}?"))
}

/// Returns the candidate that is closest to `given`, if one is close enough to be a typo.
pub fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Short words share most of their letters by chance, so typos are only detected in longer ones.
    const TYPO: f64 = 0.9;
    const SHORTEST: usize = 3;
    let lower = given.to_lowercase();
    let similarity = |candidate: &str| {
        let similarity = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
        let is_typo = given.len() >= SHORTEST && is_typo(given, candidate);
        if is_typo { similarity.max(TYPO) } else { similarity }
    };
    candidates
        .into_iter()
        .map(|candidate| (similarity(candidate), candidate))
        .filter(|(similarity, _)| *similarity > ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// True if two words differ in at most one letter that is missing, added, wrong or transposed.
pub fn is_typo(given: &str, meant: &str) -> bool {
    strsim::osa_distance(&given.to_lowercase(), &meant.to_lowercase()) <= 1
}

/// Returns the candidates that are similar to `given`, the closest first: those that contain it,
/// and those that resemble it or begin similarly.
pub fn nearest<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    at_most: usize,
) -> Vec<&'a str> {
    // Nearly every name contains any one or two letters.
    const SHORTEST: usize = 3;
    let given = given.to_lowercase();
    let length = given.chars().count();
    let likeness = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        if given.is_empty() {
            return 0.0;
        }
        if length >= SHORTEST && candidate.contains(&given) {
            return 1.0;
        }
        let beginning: String = candidate.chars().take(length).collect();
        let whole = strsim::jaro_winkler(&given, &candidate);
        whole.max(strsim::jaro_winkler(&given, &beginning))
    };
    let candidates = candidates.into_iter().map(|candidate| (likeness(candidate), candidate));
    let mut near: Vec<(f64, &str)> = candidates.filter(|(likeness, _)| *likeness > ALIKE).collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    near.into_iter().take(at_most).map(|(_, candidate)| candidate).collect()
}

/// True if a name is probably a typo of the other: it differs in case or separators, or one of its
/// words has a typo. Differences in short words and numbers are not typos: they distinguish related
/// names (`Orders-eu` and `Orders-us`, `Logs2024` and `Logs2025`).
pub fn is_slip(given: &str, meant: &str) -> bool {
    const SHORTEST: usize = 4;
    const LONG: usize = 8;
    if given == meant {
        return false;
    }
    let bare = |name: &str| name.to_lowercase().replace(['-', '_', '.'], "");
    if bare(given) == bare(meant) {
        return true;
    }
    let (given, meant) = (words(given), words(meant));
    let mut different = given.iter().zip(&meant).filter(|(given, meant)| given != meant);
    let Some((word, other)) = different.next() else { return false };
    let length = word.len().min(other.len());
    let slips = if length < LONG { 1 } else { 2 };
    given.len() == meant.len()
        && different.next().is_none()
        && length >= SHORTEST
        && !word.contains(char::is_numeric)
        && !other.contains(char::is_numeric)
        && strsim::osa_distance(word, other) <= slips
}

/// Returns the words of a name in lower case: `OrderLines-v2` has `order`, `lines`, `v` and `2`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = None;
    for character in name.chars() {
        let begins = before.is_some_and(|before: char| {
            (before.is_lowercase() && character.is_uppercase())
                || before.is_numeric() != character.is_numeric()
        });
        before = Some(character);
        if begins || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_meant_comes_closest_first() {
        let names = ["Shop", "ShopOrders", "Stock", "WebShop", "users"];
        for (given, expected) in [
            ("Shpo", vec!["Shop", "ShopOrders"]),
            ("shop", vec!["Shop", "ShopOrders", "WebShop"]),
            ("USERS", vec!["users"]),
            ("Sotck", vec!["Stock"]),
            ("Invoices", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(nearest(given, names, 3), expected, "{given:?}");
        }
        assert_eq!(nearest("shop", names, 1), ["Shop"]);
    }

    #[test]
    fn a_slip_of_the_fingers_is_told_from_another_name() {
        for (given, meant) in [
            ("orders", "Orders"),
            ("Ordres", "Orders"),
            ("Order", "Orders"),
            ("Oders", "Orders"),
            ("Costumers", "Customers"),
            ("OrderLines", "order_lines"),
            ("staging-Ordrs", "staging-Orders"),
            ("Shop2-Ordesr", "Shop2-Orders"),
        ] {
            assert!(is_slip(given, meant), "{given} {meant}");
        }
        for (given, other) in [
            ("Orders", "Orders"),
            ("Orders", "OrderLines"),
            ("Orders-eu", "Orders-us"),
            ("OrdersEu", "OrdersUs"),
            ("Orders-2024", "Orders-2025"),
            ("Logs2024", "Logs2025"),
            ("Logs.a", "Logs.b"),
            ("dev-Orders", "qa-Orders"),
            ("Orders", "staging-Orders"),
            ("myapp-orders", "myapp-users"),
            ("Shop", "Stock"),
            ("Cat", "Car"),
        ] {
            assert!(!is_slip(given, other), "{given} {other}");
        }
    }
}

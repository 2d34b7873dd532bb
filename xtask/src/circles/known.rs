//! The circles that are not mended yet.

/// A circle that is not reported.
pub(super) struct Known {
    /// The module whose children form it.
    pub(super) level: &'static str,
    /// All of them, by name.
    pub(super) members: &'static [&'static str],
}

/// The known circles. A circle that is mended leaves the list: one that is gone fails the check.
pub(super) const KNOWN: [Known; 5] = [
    Known { level: "mizzle", members: &["error", "project"] },
    Known { level: "mizzle", members: &["report", "ui"] },
    Known { level: "mizzle::commands", members: &["backup", "push"] },
    Known {
        level: "mizzle::commands::migrate",
        members: &["approval", "back", "memory", "plan", "script", "settings", "take_over"],
    },
    Known { level: "mizzle_core::plan", members: &["beyond", "context", "hazard", "step"] },
];

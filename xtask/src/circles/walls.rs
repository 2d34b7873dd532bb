//! The boundaries between modules, and the modules that all others use.

/// A module that uses all modules beside it and is used by all, on purpose. It is left out, and the
/// modules beside it may form no circle without it.
pub(super) struct Hub {
    /// The parent module.
    pub(super) level: &'static str,
    /// The name.
    pub(super) module: &'static str,
}

/// A module that may not use some of those beside it, even if that forms no circle.
pub(super) struct Boundary {
    /// The parent module.
    pub(super) level: &'static str,
    /// The name.
    pub(super) module: &'static str,
    /// The modules that it may not use.
    pub(super) closed: &'static [&'static str],
}

/// The boundaries: a report is plain data, the terminal shows any text, and only `render` depends
/// on both.
pub(super) const BOUNDARIES: [Boundary; 2] = [
    Boundary { level: "mizzle", module: "report", closed: &["commands", "render", "ui"] },
    Boundary { level: "mizzle", module: "ui", closed: &["commands", "render", "report"] },
];

/// The hubs.
///
/// `settings` has one file for each setting of a table, with all code for it: how it is read,
/// compared, planned, rebased, pulled and exported. So it depends on all other modules, and they
/// depend on it.
pub(super) const HUBS: [Hub; 1] = [Hub { level: "mizzle_core", module: "settings" }];

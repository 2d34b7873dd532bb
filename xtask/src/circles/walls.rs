//! The boundaries between modules, and the modules that everything uses.

/// A module that everything beside it knows and that knows everything, on purpose: it is left out, and
/// the modules beside it may form no circle without it.
pub(super) struct Hub {
    /// Its parent.
    pub(super) level: &'static str,
    /// Its name.
    pub(super) module: &'static str,
}

/// A module that may not use some of those beside it, even if that forms no circle.
pub(super) struct Boundary {
    /// Its parent.
    pub(super) level: &'static str,
    /// Its name.
    pub(super) module: &'static str,
    /// The modules that it may not use.
    pub(super) closed: &'static [&'static str],
}

/// The boundaries: a report is plain data, the terminal shows any text, and `render` alone knows both.
pub(super) const BOUNDARIES: [Boundary; 2] = [
    Boundary { level: "mizzle", module: "report", closed: &["commands", "render", "ui"] },
    Boundary { level: "mizzle", module: "ui", closed: &["commands", "render", "report"] },
];

/// The hubs.
///
/// `settings` has one file for each setting of a table, with all that there is about it: how it is
/// read, compared, planned, rebased, pulled and exported. So it answers questions of every room, and
/// every room asks.
pub(super) const HUBS: [Hub; 1] = [Hub { level: "mizzle_core", module: "settings" }];

//! The JavaScript that we bring along.

/// The scripts of the prelude: each an expression that gives a function of `internal`.
const SCRIPTS: &[(&str, &str)] = &[
    ("bootstrap", include_str!("../js/bootstrap.js")),
    ("builtins", include_str!("../js/builtins.js")),
    ("clock", include_str!("../js/clock.js")),
    ("clone", include_str!("../js/clone.js")),
    ("commonjs", include_str!("../js/commonjs.js")),
    ("config", include_str!("../js/config.js")),
    ("console", include_str!("../js/console.js")),
    ("describe", include_str!("../js/describe.js")),
    ("encoding", include_str!("../js/encoding.js")),
    ("events", include_str!("../js/events.js")),
    ("format", include_str!("../js/format.js")),
    ("helpers", include_str!("../js/helpers.js")),
    ("modules", include_str!("../js/modules.js")),
    ("node/assert", include_str!("../js/node/assert.js")),
    ("node/async_hooks", include_str!("../js/node/async_hooks.js")),
    ("node/buffer", include_str!("../js/node/buffer.js")),
    ("node/crypto", include_str!("../js/node/crypto.js")),
    ("node/events", include_str!("../js/node/events.js")),
    ("node/fs", include_str!("../js/node/fs.js")),
    ("node/module", include_str!("../js/node/module.js")),
    ("node/os", include_str!("../js/node/os.js")),
    ("node/path", include_str!("../js/node/path.js")),
    ("node/process", include_str!("../js/node/process.js")),
    ("node/querystring", include_str!("../js/node/querystring.js")),
    ("node/small", include_str!("../js/node/small.js")),
    ("node/string_decoder", include_str!("../js/node/string_decoder.js")),
    ("node/url", include_str!("../js/node/url.js")),
    ("node/util", include_str!("../js/node/util.js")),
    ("reader", include_str!("../js/reader.js")),
    ("script/database", include_str!("../js/script/database.js")),
    ("script/number", include_str!("../js/script/number.js")),
    ("script/pages", include_str!("../js/script/pages.js")),
    ("script/requests", include_str!("../js/script/requests.js")),
    ("script/run", include_str!("../js/script/run.js")),
    ("script/values", include_str!("../js/script/values.js")),
    ("sdk", include_str!("../js/sdk.js")),
    ("sdk/advice", include_str!("../js/sdk/advice.js")),
    ("sdk/attributes", include_str!("../js/sdk/attributes.js")),
    (
        "sdk/packages",
        concat!("(function () { return ", include_str!("../js/sdk/packages.json"), "})"),
    ),
    ("timers", include_str!("../js/timers.js")),
    ("walk", include_str!("../js/walk.js")),
];

/// The modules of our own: the ORM that stands in where none is installed, and `mizzle-cli/schema`,
/// of which the npm package has the same files.
const MODULES: &[(&str, &str)] = &[
    ("orm/columns", include_str!("../js/orm/columns.js")),
    ("orm/config", include_str!("../js/orm/config.js")),
    ("orm/entity", include_str!("../js/orm/entity.js")),
    ("orm/index", include_str!("../js/orm/index.js")),
    ("orm/indexes", include_str!("../js/orm/indexes.js")),
    ("orm/keys", include_str!("../js/orm/keys.js")),
    ("orm/made", include_str!("../js/orm/made.js")),
    ("orm/misuse", include_str!("../js/orm/misuse.js")),
    ("orm/schema", include_str!("../js/orm/schema.js")),
    ("orm/served", include_str!("../js/orm/served.js")),
    ("orm/symbols", include_str!("../js/orm/symbols.js")),
    ("orm/table", include_str!("../js/orm/table.js")),
];

/// The script of that name.
pub(super) fn script(name: &str) -> Option<&'static str> {
    find(SCRIPTS, name)
}

/// The module of that name.
pub(super) fn module(name: &str) -> Option<&'static str> {
    find(MODULES, name)
}

fn find(list: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

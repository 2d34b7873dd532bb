//! The embedded JavaScript.

/// The scripts of the prelude: each is an expression for a function of `internal`.
const SCRIPTS: &[(&str, &str)] = &[
    ("bootstrap", include_str!("../js/bootstrap.js")),
    ("builtins", include_str!("../js/builtins.js")),
    ("clock", include_str!("../js/clock.js")),
    ("clone", include_str!("../js/clone.js")),
    ("commonjs", include_str!("../js/commonjs.js")),
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
    ("timers", include_str!("../js/timers.js")),
];

/// Returns the script of that name.
pub(super) fn script(name: &str) -> Option<&'static str> {
    SCRIPTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

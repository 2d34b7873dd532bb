//! The modules and texts that mizzle adds to the engine: the schema functions, the conversion of
//! exports, the `db` of scripts, and the stand-in for the AWS SDK.

use crate::credentials::speaks_of_credentials;
use mizzle_core::{plan::Call, text};
use mizzle_js::{Activity, Calls, Extension, Served, Shortcut};

/// The ORM itself, under both of its names.
const ORM: [&str; 2] = ["mizzle", "@aurios/mizzle"];
/// The command line tools, from which configs import `defineConfig`.
const TOOLS: [&str; 3] = ["mizzling", "@aurios/mizzling", "mizzle-cli"];
/// The schema functions without the ORM.
const SCHEMA: &str = "mizzle-cli/schema";
/// The scopes of the AWS SDK.
const SDK: [&str; 2] = ["@aws-sdk/", "@smithy/"];
/// The AWS SDK of version 2.
const SDK_2: [&str; 1] = ["aws-sdk"];
/// The module that replaces the ORM if it is not installed.
const BUILT_IN_ORM: &str = "orm/index";
/// The module for [`SCHEMA`].
const BUILT_IN_SCHEMA: &str = "orm/served";
/// The part of the prelude with the stand-ins for the AWS SDK.
const STAND_INS: &str = "sdk";

/// The parts of the prelude: each is an expression for a function of `internal`.
const PARTS: &[(&str, &str)] = &[
    ("config", include_str!("js/config.js")),
    ("walk", include_str!("js/walk.js")),
    ("script/database", include_str!("js/script/database.js")),
    ("script/number", include_str!("js/script/number.js")),
    ("script/pages", include_str!("js/script/pages.js")),
    ("script/requests", include_str!("js/script/requests.js")),
    ("script/run", include_str!("js/script/run.js")),
    ("script/values", include_str!("js/script/values.js")),
    ("sdk", include_str!("js/sdk.js")),
    ("sdk/advice", include_str!("js/sdk/advice.js")),
    ("sdk/attributes", include_str!("js/sdk/attributes.js")),
    ("sdk/packages", concat!("(function () { return ", include_str!("js/sdk/packages.json"), "})")),
];

/// Our own modules: the ORM that replaces one that is not installed, and `mizzle-cli/schema`, whose
/// files are also in the npm package.
const MODULES: &[(&str, &str)] = &[
    ("orm/columns", include_str!("js/orm/columns.js")),
    ("orm/config", include_str!("js/orm/config.js")),
    ("orm/entity", include_str!("js/orm/entity.js")),
    ("orm/index", include_str!("js/orm/index.js")),
    ("orm/indexes", include_str!("js/orm/indexes.js")),
    ("orm/keys", include_str!("js/orm/keys.js")),
    ("orm/made", include_str!("js/orm/made.js")),
    ("orm/misuse", include_str!("js/orm/misuse.js")),
    ("orm/schema", include_str!("js/orm/schema.js")),
    ("orm/served", include_str!("js/orm/served.js")),
    ("orm/symbols", include_str!("js/orm/symbols.js")),
    ("orm/table", include_str!("js/orm/table.js")),
];

/// The exports of `mizzle-cli/schema`, to suggest one for a misspelt name.
const SCHEMA_FUNCTIONS: [&str; 20] = [
    "binary",
    "binarySet",
    "boolean",
    "compositeKey",
    "date",
    "defineRelations",
    "dynamoEntity",
    "dynamoTable",
    "gsi",
    "json",
    "list",
    "lsi",
    "map",
    "number",
    "numberSet",
    "prefixKey",
    "staticKey",
    "string",
    "stringSet",
    "uuid",
];

/// The evaluation of configs and schema files.
pub(crate) static EVALUATION: Activity = Activity {
    phrase: "evaluates schema files",
    noun: "the evaluation",
    files: "the schema and config files, and out of those that they import",
    reach: "schema and config files can read files, but not write, connect or start anything",
    calls: None,
};

/// The run of a migration script.
pub(crate) static MIGRATION: Activity = Activity {
    phrase: "runs a migration",
    noun: "the script",
    files: "the migration, and out of the files that it imports",
    reach: "a migration can read files, and use its db; it cannot write, connect or start anything",
    calls: Some(Calls {
        noun: "the calls of db",
        methods: || Call::methods().collect(),
        endless_when_noted: "look for a loop that waits until the database has changed: before a \
                             migration is run, its calls find no items and change nothing; leave \
                             such a loop out if `db.dryRun` is true",
    }),
};

/// Mizzle's extension of the engine.
pub(crate) struct Product;

impl Extension for Product {
    fn part(&self, name: &str) -> Option<&'static str> {
        find(PARTS, name)
    }

    fn module(&self, name: &str) -> Option<&'static str> {
        find(MODULES, name)
    }

    fn serve(&self, specifier: &str) -> Served {
        if SDK.iter().any(|scope| specifier.starts_with(scope)) || package_in(specifier, &SDK_2) {
            Served::StandIn
        } else if specifier == SCHEMA {
            Served::Own(BUILT_IN_SCHEMA)
        } else if package_in(specifier, &TOOLS) {
            Served::Own(BUILT_IN_ORM)
        } else if package_in(specifier, &ORM) {
            Served::Wrapped { fallback: BUILT_IN_ORM }
        } else {
            Served::Elsewhere
        }
    }

    fn stand_ins(&self) -> &'static str {
        STAND_INS
    }

    /// Wraps the installed ORM with our additions.
    fn wrapper(&self, real: &str, default: &str) -> String {
        format!(
            "import*as real from{real};\
             import{{withProjection}}from\"mizzle:orm/indexes\";\
             import{{remembering}}from\"mizzle:orm/made\";\
             export*from{real};{default}\
             export{{defineConfig}}from\"mizzle:orm/config\";\
             export const dynamoTable=remembering(real.dynamoTable);\
             export const gsi=withProjection(real.gsi,\"gsi\");\
             export const lsi=withProjection(real.lsi,\"lsi\");"
        )
    }

    /// `defineConfig` is always ours: it does not require loading an ORM.
    fn shortcut(&self) -> Shortcut {
        Shortcut { names: &["defineConfig"], module: "orm/config" }
    }

    fn missing_export_hint(&self, specifier: &str, name: &str) -> String {
        // These are mizzle's own, with or without the ORM.
        if specifier.starts_with("mizzle-cli") {
            return text::did_you_mean(name, SCHEMA_FUNCTIONS)
                .unwrap_or_else(|| "check the name".to_owned());
        }
        "the ORM is not installed here, so mizzle's built-in schema functions stand in for it; \
         install the ORM, or check the name"
            .to_owned()
    }

    /// True for the built-in ORM, the additions to an installed one, and a script's `db`.
    fn checks_arguments(&self, name: &str) -> bool {
        name.starts_with("orm/") || name.starts_with("script/")
    }

    fn speaks_of_credentials(&self, source: &str) -> bool {
        speaks_of_credentials(source)
    }
}

/// True if a specifier leads to the functions that create tables and entities.
pub(crate) fn serves_schema(specifier: &str) -> bool {
    package_in(specifier, &ORM) || package_in(specifier, &TOOLS)
}

/// True if a specifier is one of the packages, or a sub-path of one.
fn package_in(specifier: &str, packages: &[&str]) -> bool {
    packages.iter().any(|package| {
        specifier.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn find(list: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_from_names_that_begin_alike() {
        for (specifier, expected) in [
            ("mizzle", true),
            ("mizzle/columns", true),
            ("@aurios/mizzle/db", true),
            ("mizzler", false),
            ("@aurios/mizzling", false),
            ("mizzle-cli", false),
        ] {
            assert_eq!(package_in(specifier, &ORM), expected, "{specifier}");
        }
    }
}

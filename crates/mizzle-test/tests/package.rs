//! TypeScript and the linter of packages applied to the npm package: the types of configs, schemas
//! and scripts, in every place of a project.

use indoc::indoc;
use mizzle_test::{Compiler, Modules, TempProject, TypeScript};

const COMPILERS: [Compiler; 2] = [Compiler::Newest, Compiler::Oldest];

/// Files with every valid form of a type, and with invalid ones.
const FILES: [(&str, &str); 4] = [
    ("schema.ts", include_str!("typescript/schema.ts")),
    ("settings.ts", include_str!("typescript/every_setting.ts")),
    ("migrations/0001_tables.ts", include_str!("typescript/every_request.ts")),
    ("migrations/0002_items.ts", include_str!("typescript/every_item_request.ts")),
];

const CONFIG: &str = indoc! {r#"
    import { defineConfig, type Config } from "mizzle-cli";

    export const wrong: Config = {
      // @ts-expect-error: a misspelt field
      shema: "./schema.ts",
    };
    // @ts-expect-error: one that is misspelt among others
    defineConfig({ shema: "./schema.ts", out: "./migrations", endpoint: "local" });
    // @ts-expect-error: and further in
    defineConfig({ schema: "./schema.ts", migrations: { table: "history", lease: 1 } });
    // @ts-expect-error: of the wrong type
    defineConfig({ schema: "./schema.ts", region: 1 });
    // @ts-expect-error: a promise of one that is wrong
    defineConfig(async () => ({ schema: "./schema.ts", region: 1 }));

    export default defineConfig({ schema: "./schema.ts", out: "./migrations", endpoint: "local" });
"#};

/// Creates a project with the installed package; `kind` is the `type` of its `package.json`.
fn project(kind: &str) -> TempProject {
    let project = TempProject::new("no binary is needed");
    project.unpack_package();
    project.write("package.json", &format!("{{ \"type\": \"{kind}\" }}"));
    for (file, text) in FILES {
        project.write(file, text);
    }
    project.write("mizzle.config.ts", CONFIG);
    project
}

#[test]
fn every_kind_of_project_finds_the_types() {
    let typescript = TypeScript::from_env();
    for (kind, modules) in [
        ("module", Modules::Bundler),
        ("module", Modules::Node16),
        ("commonjs", Modules::Node16),
        ("module", Modules::NodeNext),
        ("commonjs", Modules::NodeNext),
    ] {
        let project = project(kind);
        for compiler in COMPILERS {
            let checked = typescript.tsc_project(compiler, modules, &project);
            assert_eq!(checked.stdout, "", "{compiler:?} {modules:?} {kind}");
            checked.assert_code(0);
        }
    }
}

#[test]
fn modules_of_both_kinds_share_their_types() {
    let typescript = TypeScript::from_env();
    let project = TempProject::new("no binary is needed");
    project.unpack_package();
    project.write(
        "table.cts",
        "import { dynamoTable, gsi, string } from \"mizzle-cli/schema\";\n\
         export const shop = dynamoTable(\"Shop\", { pk: string(), indexes: { byA: gsi(\"a\") } });\n",
    );
    project.write(
        "users.mts",
        "import { dynamoEntity, string } from \"mizzle-cli/schema\";\n\
         import { shop } from \"./table.cjs\";\n\
         export const users = dynamoEntity(shop, \"User\", { a: string() }, (c) => ({ pk: c.a, byA: c.a }));\n",
    );
    for compiler in COMPILERS {
        typescript.tsc_project(compiler, Modules::NodeNext, &project).assert_code(0);
    }
    // The files are really checked.
    project.replace("users.mts", "byA: c.a", "byB: c.a");
    for compiler in COMPILERS {
        let checked = typescript.tsc_project(compiler, Modules::NodeNext, &project);
        assert!(checked.stdout.contains("no key and no index"), "{}", checked.stdout);
    }
}

#[test]
fn the_package_is_in_order() {
    let project = TempProject::new("no binary is needed");
    project.unpack_package();
    let linted = TypeScript::from_env().publint(&project.path().join("node_modules/mizzle-cli"));
    assert!(linted.stdout.contains("All good!"), "{}{}", linted.stdout, linted.stderr);
}

//! Both sources of the ORM: the same schema files declare the same with each.

use crate::project::Project;
use mizzle_core::model::declaration::SchemaDeclaration;

const FILES: [&str; 3] = ["schema/tables.ts", "schema/entities.ts", "schema/relations.ts"];

fn project() -> Project {
    Project::new(&[]).copy("forms", "schema")
}

#[track_caller]
fn declared(project: &Project) -> String {
    match project.schema_of(&FILES) {
        Ok(schema) => text(project, &schema),
        Err(error) => panic!("{}", project.render(&error)),
    }
}

fn text(project: &Project, schema: &SchemaDeclaration) -> String {
    let text = serde_json::to_string_pretty(schema).unwrap();
    text.replace(&*project.root().to_string_lossy(), "<root>")
}

#[test]
fn the_built_in_module_knows_every_form() {
    insta::assert_snapshot!(declared(&project()));
}

#[test]
fn an_installed_orm_declares_the_same() {
    let built_in = declared(&project());

    let installed = project().copy("orm", "node_modules/mizzle");
    assert_eq!(declared(&installed), built_in, "as a package");
    let loaded = installed.schema_of(&FILES).unwrap();
    assert!(!loaded.tables.is_empty());

    let linked = project().copy("orm", "packages/orm");
    std::fs::create_dir_all(linked.path("node_modules")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(linked.path("packages/orm"), linked.path("node_modules/mizzle"))
        .unwrap();
    #[cfg(unix)]
    assert_eq!(declared(&linked), built_in, "as a workspace link");

    let sources = project().copy("orm", "packages/orm");
    sources.write(
        "tsconfig.base.json",
        r#"{ "compilerOptions": { "paths": { "mizzle": ["./packages/orm/src/index.ts"] } } }"#,
    );
    sources.write("tsconfig.json", r#"{ "extends": "./tsconfig.base.json" } // with a comment"#);
    assert_eq!(declared(&sources), built_in, "as TypeScript sources");
}

#[test]
fn the_installed_orm_is_the_one_that_is_loaded() {
    let project = Project::new(&[
        (
            "schema.ts",
            "import { dynamoTable, string, defineConfig, Mizzle } from 'mizzle';\n\
             import { Column } from 'mizzle/columns'; import * as table from 'mizzle/table';\n\
             export const shop = dynamoTable('Shop', { pk: string('pk') });\n\
             console.log(typeof Mizzle, typeof Column, shop instanceof table.PhysicalTable, \
             defineConfig({ a: 1 }).a);",
        ),
        (
            "mizzle.config.ts",
            "import { defineConfig } from 'mizzle';\nexport default defineConfig({});",
        ),
    ])
    .copy("orm", "node_modules/mizzle");
    project.schema().unwrap_or_else(|error| panic!("{}", project.render(&error)));
    assert_eq!(project.printed(), ["function function true 1"]);
    project.config("mizzle.config.ts").unwrap();
}

#[test]
fn a_config_needs_no_orm_for_define_config() {
    // An ORM that fails to load does not affect a file that only imports `defineConfig`.
    let project = Project::new(&[
        (
            "mizzle.config.ts",
            "import { defineConfig } from 'mizzle';\nexport default defineConfig({ a: 1 });",
        ),
        ("node_modules/mizzle/package.json", r#"{ "type": "module", "exports": "./index.js" }"#),
        ("node_modules/mizzle/index.js", "throw new Error('loaded');"),
    ]);
    assert_eq!(project.config("mizzle.config.ts").unwrap(), serde_json::json!({ "a": 1 }));
}

#[test]
fn an_orm_in_commonjs_works_too() {
    let project = Project::new(&[
        (
            "schema.ts",
            "import orm, { table, defineConfig } from 'mizzle';\n\
             export const shop = table('Shop'); console.log(typeof defineConfig, orm.table === table);",
        ),
        ("node_modules/mizzle/package.json", r#"{ "main": "./index.js" }"#),
        (
            "node_modules/mizzle/index.js",
            "const s = (n) => Symbol.for('mizzle:' + n);\n\
             module.exports = Object.assign({}, { table: (name) => ({ [s('TableName')]: name, \
             [s('PartitionKey')]: { name: 'pk', getDynamoType: () => 'S' }, [s('Indexes')]: {} }) });",
        ),
    ]);
    let schema = project.schema().unwrap_or_else(|error| panic!("{}", project.render(&error)));
    assert_eq!(schema.tables[0].name, "Shop");
    assert_eq!(project.printed(), ["function true"]);
}

#[test]
fn every_name_of_the_orm_and_its_sub_paths_is_served() {
    for specifier in [
        "mizzle",
        "mizzle/columns",
        "mizzle/table",
        "mizzle/db",
        "mizzle/snapshot",
        "mizzle/diff",
        "mizzle/introspection",
        "@aurios/mizzle",
        "@aurios/mizzle/columns",
        "mizzling",
        "@aurios/mizzling",
        "mizzle-cli",
        "mizzle-cli/schema",
    ] {
        let project = Project::of(&format!(
            "import {{ dynamoTable, string }} from '{specifier}';\n\
             export const shop = dynamoTable('Shop', {{ pk: string('pk') }});"
        ));
        assert_eq!(project.schema().unwrap().tables[0].name, "Shop", "{specifier}");
    }
}

/// Code that works here must also work in an application, which uses the npm package.
#[test]
fn the_schema_module_has_what_the_npm_package_has_and_no_more() {
    for (missing, hint) in [
        ("eq", "check the name"),
        ("mizzle", "check the name"),
        ("strng", "did you mean \"string\"?"),
    ] {
        let code = format!("import {{ {missing} }} from 'mizzle-cli/schema'; {missing}();");
        let error = Project::of(&code).schema().unwrap_err();
        assert!(error.to_string().contains(missing), "{error}");
        // Installing the ORM would not help.
        assert_eq!(error.hints(), [hint]);
    }
    let project = Project::of(
        "import * as schema from 'mizzle-cli/schema';\n\
         console.log(Object.keys(schema).sort().join(' '));",
    );
    project.schema().unwrap_or_else(|error| panic!("{}", project.render(&error)));
    assert_eq!(
        project.printed(),
        [
            "binary binarySet boolean compositeKey date defineRelations dynamoEntity dynamoTable gsi json \
          list lsi map number numberSet prefixKey staticKey string stringSet uuid"
        ]
    );
}

/// Wrong uses of the schema functions, one per line, and their errors.
#[test]
fn misuse_says_what_is_expected() {
    let mut report = String::new();
    for line in [
        "dynamoTable()",
        "dynamoTable('Shop')",
        "dynamoTable('Shop', { pk: 'pk' })",
        "dynamoTable('Shop', { pk: string })",
        "dynamoTable('Shop', { pk: string('pk'), sk: 5 })",
        "dynamoTable('Shop', { pk: string('pk'), indexes: [gsi('a')] })",
        "dynamoTable('Shop', { pk: string('pk'), indexes: { byA: 'a' } })",
        "dynamoTable('Shop', { pk: string('pk') }).gsi('byA')",
        "dynamoTable('Shop', { pk: string('pk') }).gsi('byA', { pk: string() })",
        "gsi(5)",
        "gsi('a', 'b', 'c')",
        "gsi('a', { projected: 'ALL' })",
        "gsi('a', { projection: 5 })",
        "gsi(['a', 5])",
        "lsi('a', 'b')",
        "lsi(null)",
        "dynamoEntity(undefined, 'User', {})",
        "dynamoEntity({}, 'User', {})",
        "dynamoEntity(shop, undefined, {})",
        "dynamoEntity(shop, 'User')",
        "dynamoEntity(shop, 'User', { id: 'S' })",
        "dynamoEntity(shop, 'User', { id: uuid })",
        "dynamoEntity(shop, 'User', { id: uuid() }, (c) => ({ pk: prefixKey('USER#', c.ID) }))",
        "dynamoEntity(shop, 'User', { id: uuid() }, (c) => ({ pk: 5 }))",
        "dynamoEntity(shop, 'User', { id: uuid() }, (c) => ({ byA: { pk: c.id, range: c.id } }))",
        "dynamoEntity(shop, 'User', { id: uuid() }, (c) => 'USER')",
        "staticKey(5)",
        "compositeKey('#', undefined)",
    ] {
        let project = Project::of(&format!(
            "import {{ compositeKey, dynamoEntity, dynamoTable, gsi, lsi, prefixKey, staticKey, \
             string, uuid }} from 'mizzle';\n\
             const shop: any = dynamoTable('Any', {{ pk: string('pk') }});\n{line};\n"
        ));
        let error = project.schema().expect_err(line);
        assert_eq!(error.kind().name(), "invalid-schema", "{line}");
        let place = error.location().unwrap_or_else(|| panic!("{line} has a place"));
        assert_eq!(place.line(), 3, "{line}");
        report += &format!("{line}\n    {error}\n");
    }
    insta::assert_snapshot!(report);
}

/// Violations of DynamoDB's rules are declared unchanged: the model reports them, with all others.
#[test]
fn what_a_declaration_can_hold_is_no_misuse() {
    let code = "import { dynamoTable, gsi, lsi, string } from 'mizzle';\n\
                export const a = dynamoTable('', { sk: string('sk'), indexes: {\n\
                  many: gsi(['a', 'b', 'c', 'd', 'e'], ['f', 'g', 'h', 'i', 'j']), none: gsi(),\n\
                  empty: gsi([], { projection: [] }), blank: gsi(''), two: lsi(['a', 'b']), no: lsi(),\n\
                } });\n\
                export const b = dynamoTable('B', {}).gsi('', {}).lsi('x', {});\n";
    let project = Project::of(code);
    let built_in = project.schema().unwrap_or_else(|error| panic!("{}", project.render(&error)));
    let [a, b] = &*built_in.tables else { panic!("two tables: {built_in:?}") };
    assert_eq!((&*a.name, &a.partition_key), ("", &None));
    let indexes = [a, b].map(|table| {
        let keys = table
            .indexes
            .iter()
            .map(|index| (&*index.name, index.partition_key.len(), index.sort_key.len()));
        keys.collect::<Vec<_>>()
    });
    assert_eq!(
        indexes,
        [
            vec![
                ("many", 5, 5),
                ("none", 0, 0),
                ("empty", 0, 0),
                ("blank", 1, 0),
                ("two", 0, 2),
                ("no", 0, 0)
            ],
            vec![("", 0, 0), ("x", 0, 0)],
        ]
    );
}

#[test]
fn malformed_objects_of_a_foreign_orm_are_errors_not_guesses() {
    let mut report = String::new();
    for body in [
        "export const t = { [s('TableName')]: 5 }",
        "export const t = { [s('TableName')]: 'T', [s('PartitionKey')]: 'pk' }",
        "export const t = { [s('TableName')]: 'T', [s('PartitionKey')]: col, [s('Indexes')]: { i: {} } }",
        "export const t = { [s('TableName')]: 'T', [s('PartitionKey')]: col, [s('Indexes')]: { i: { type: 'gsi', config: { pk: 5 } } } }",
        "export const e = { [s('EntityName')]: 'E' }",
    ] {
        let project = Project::of(&format!(
            "const s = (name: string) => Symbol.for('mizzle:' + name);\n\
             const col = {{ name: 'pk', getDynamoType: () => 'S' }};\n{body};\n"
        ));
        let error = project.schema().expect_err(body);
        assert_eq!(error.kind().name(), "invalid-schema", "{body}: {error}");
        report += &format!("{error}\n");
    }
    insta::assert_snapshot!(report, @r#"
    the name of a table must be a string, but is number
    the partition key of table "T" must be a column
    index "i" of table "T" must be made by gsi(…) or lsi(…)
    the partition key of index "i" of table "T" must be a string, but is number
    entity "E" belongs to no table
    "#);
}

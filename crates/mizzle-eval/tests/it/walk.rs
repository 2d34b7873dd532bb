//! The exports that count.

use crate::project::Project;
use indoc::indoc;
use mizzle_core::model::declaration::{ExportSite, SchemaDeclaration};

fn sites(project: &Project, sites: &[ExportSite]) -> Vec<String> {
    let root = format!("{}{}", project.root().display(), std::path::MAIN_SEPARATOR);
    sites.iter().map(|site| format!("{}#{}", site.file.replace(&root, ""), site.path)).collect()
}

#[track_caller]
fn schema(project: &Project, files: &[&str]) -> SchemaDeclaration {
    project.schema_of(files).unwrap_or_else(|error| panic!("{}", project.render(&error)))
}

#[test]
fn tables_are_found_in_arrays_and_plain_objects() {
    let project = Project::of(indoc! {"
        import { dynamoTable, dynamoEntity, string } from 'mizzle';
        const table = (name: string) => dynamoTable(name, { pk: string('pk') });
        class Holder { hidden = table('Hidden') }
        const cycle: any = { inside: table('InCycle') };
        cycle.again = cycle;
        cycle.list = [cycle];
        export const own = table('Own');
        export const list = [table('First'), [null, table('Nested')], 'text', 5];
        export const tables = { a: table('InObject'), deep: { er: table('Deeper') }, f() {} };
        export const holder = new Holder();
        export const map = new Map([['a', table('InMap')]]);
        export { cycle };
        export default { main: table('InDefault') };
        table('NotExported');
    "});
    let found: Vec<_> = schema(&project, &["schema.ts"])
        .tables
        .iter()
        .map(|table| format!("{} {}", table.name, sites(&project, &table.sites).join(" ")))
        .collect();
    assert_eq!(
        found,
        [
            "InCycle schema.ts#cycle.inside",
            "InDefault schema.ts#default.main",
            "First schema.ts#list[0]",
            "Nested schema.ts#list[1][1]",
            "Own schema.ts#own",
            "InObject schema.ts#tables.a",
            "Deeper schema.ts#tables.deep.er",
        ]
    );
}

#[test]
fn getters_and_proxies_are_left_alone() {
    let project = Project::of(indoc! {"
        import { dynamoTable, string } from 'mizzle';
        const table = (name: string) => dynamoTable(name, { pk: string('pk') });
        const boom = (): never => { throw new Error('boom') };
        const traps: ProxyHandler<any> = { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom };
        const revoked = Proxy.revocable({}, {}); revoked.revoke();
        export const getter = { get boom() { return boom() }, behind: table('BesideGetter') };
        export const tagged = { get [Symbol.toStringTag]() { return boom() }, a: table('Tagged') };
        export const lazy = { get made() { console.log('made'); return table('Lazy') } };
        export const list = Object.defineProperty([table('InList')], 1, { enumerable: true, get: boom });
        export const all = new Proxy({ a: table('Hidden') }, traps);
        export const called = new Proxy(function () {}, traps);
        export const keys = { inside: new Proxy([table('Hidden')], { ownKeys: boom }), a: table('BesideProxy') };
        export const dead = revoked.proxy;
        export const through = new Proxy({ a: table('Through') }, {});
        export const one = new Proxy(table('Wrapped'), {});
        class Own { get boom() { return boom() } }
        export const own = new Own();
    "});
    let names: Vec<_> =
        schema(&project, &["schema.ts"]).tables.into_iter().map(|table| table.name).collect();
    let expected = ["BesideGetter", "BesideProxy", "InList", "Wrapped", "Tagged", "Through"];
    assert_eq!(names, expected);
    assert_eq!(project.printed(), [""; 0], "nothing was made");
}

#[test]
fn modules_as_objects_are_read_whole() {
    let project = Project::new(&[
        (
            "a.cjs",
            "const { dynamoTable, string } = require('mizzle');\n\
             const table = (name) => dynamoTable(name, { pk: string('pk') });\n\
             Object.defineProperty(exports, '__esModule', { value: true });\n\
             Object.defineProperty(exports, 'compiled', { enumerable: true, get: () => compiled });\n\
             const compiled = table('Compiled');\n\
             exports.bundled = Object.freeze(Object.defineProperty({ __proto__: null, \
             get a() { return bundled } }, Symbol.toStringTag, { value: 'Module' }));\n\
             const bundled = table('Bundled');\n",
        ),
        (
            "b.ts",
            "import { dynamoTable, string } from 'mizzle';\n\
             export const real = dynamoTable('Real', { pk: string('pk') });\n",
        ),
        ("all.ts", "export * as b from './b';\nexport const a = { inner: require('./a.cjs') };\n"),
    ]);
    let schema = schema(&project, &["all.ts"]);
    let found: Vec<_> = schema
        .tables
        .iter()
        .map(|table| format!("{} {}", table.name, sites(&project, &table.sites).join(" ")))
        .collect();
    assert_eq!(
        found,
        [
            "Compiled all.ts#a.inner.compiled",
            "Bundled all.ts#a.inner.bundled.a",
            "Real all.ts#b.real",
        ]
    );
}

#[test]
fn an_object_exported_twice_is_one_and_keeps_its_sites() {
    let project = Project::new(&[
        (
            "a.ts",
            "import { dynamoTable, string } from 'mizzle';\n\
                  export const shop = dynamoTable('Shop', { pk: string('pk') });\nexport { shop as alias };",
        ),
        ("b.ts", "export * from './a.js';\nexport { shop as default } from './a';"),
    ]);
    let schema = schema(&project, &["a.ts", "b.ts"]);
    assert_eq!(schema.tables.len(), 1);
    assert_eq!(
        sites(&project, &schema.tables[0].sites),
        ["a.ts#alias", "a.ts#shop", "b.ts#alias", "b.ts#default", "b.ts#shop"]
    );
}

#[test]
fn two_tables_of_one_name_stay_two() {
    let project = Project::of(indoc! {"
        import { dynamoTable, string } from 'mizzle';
        export const a = dynamoTable('Shop', { pk: string('pk') });
        export const b = dynamoTable('Shop', { pk: string('id') });
    "});
    let names: Vec<_> =
        schema(&project, &["schema.ts"]).tables.into_iter().map(|table| table.name).collect();
    assert_eq!(names, ["Shop", "Shop"]);
}

#[test]
fn an_entity_leads_to_its_table_and_imports_alone_do_not_count() {
    let project = Project::new(&[
        (
            "tables.ts",
            "import { dynamoTable, string } from 'mizzle';\n\
                       export const shop = dynamoTable('Shop', { pk: string('pk') });\n\
                       export const other = dynamoTable('Other', { pk: string('pk') });",
        ),
        (
            "entities.ts",
            "import { dynamoEntity, string } from 'mizzle'; import { shop } from './tables';\n\
                         export const users = dynamoEntity(shop, 'User', { id: string() });",
        ),
    ]);
    let schema = schema(&project, &["entities.ts"]);
    assert_eq!(schema.tables.len(), 1);
    assert_eq!((&*schema.tables[0].name, schema.tables[0].sites.len()), ("Shop", 0));
    assert_eq!((schema.entities[0].table, &*schema.entities[0].name), (0, "User"));
}

#[test]
fn files_without_tables_declare_nothing() {
    let project = Project::new(&[
        ("a.ts", ""),
        ("b.ts", "export const x = 1, y = null;"),
        ("c.ts", "export type A = 1"),
    ]);
    assert_eq!(schema(&project, &["a.ts", "b.ts", "c.ts"]), SchemaDeclaration::default());
    assert_eq!(schema(&project, &[]), SchemaDeclaration::default());
}

#[cfg(unix)]
#[test]
fn a_file_behind_a_link_is_one_file() {
    let project = Project::new(&[
        (
            "real/tables.ts",
            "import { dynamoTable, string } from 'mizzle';\n\
                            export const shop = dynamoTable('Shop', { pk: string('pk') });",
        ),
        ("real/users.ts", "export { shop as users } from './tables';"),
    ]);
    std::os::unix::fs::symlink(project.path("real"), project.path("link")).unwrap();
    let schema = schema(&project, &["link/tables.ts", "link/users.ts"]);
    assert_eq!(schema.tables.len(), 1);
    assert_eq!(
        sites(&project, &schema.tables[0].sites),
        ["link/tables.ts#shop", "link/users.ts#users"],
        "sites are named as the files were given"
    );
}

/// Returns the tables without an export, each with its file, its line and the called function.
fn unexported(project: &Project, files: &[&str]) -> Vec<String> {
    let declaration = schema(project, files);
    let found = declaration.unexported.iter().map(|table| {
        let file = std::path::Path::new(&table.made.file);
        let text = std::fs::read_to_string(file).unwrap();
        let line = text[..table.made.start].matches('\n').count() + 1;
        let name = file.file_name().unwrap().to_string_lossy();
        let call = &text[table.made.start..table.made.end];
        format!("{} {name}:{line} {call}", table.name)
    });
    found.collect()
}

#[test]
fn tables_that_are_made_and_not_exported_are_told() {
    let project = Project::of(indoc! {"
        import { dynamoTable, dynamoEntity, string } from 'mizzle';
        const table = (name: string) => dynamoTable(name, { pk: string('pk') });
        export const alpha = dynamoTable('Alpha', { pk: string('pk') });
        const beta = dynamoTable('Beta', {
          pk: string('pk'),
        });
        class Holder { static inside = table('Inside') }
        export const map = new Map([['a', table('InMap')]]);
        const computed = table(['A', 'B'].join('-'));
        const led = table('Led');
        export const entity = dynamoEntity(led, 'Entity', { id: string() });
        const twin = dynamoTable('Alpha', { pk: string('pk') });
        for (const name of ['Beta', 'Beta']) table(name);
    "});
    assert_eq!(
        unexported(&project, &["schema.ts"]),
        [
            "Beta schema.ts:4 dynamoTable",
            "Inside schema.ts:7 table",
            "InMap schema.ts:8 table",
            "A-B schema.ts:2 dynamoTable",
        ]
    );
}

#[test]
fn tables_of_packages_do_not_count_and_those_of_helpers_do() {
    let orm = "import { dynamoTable, string } from 'mizzle';\n";
    let package = "const { dynamoTable, string } = require('mizzle');\n\
                   exports.make = (name) => dynamoTable(name, { pk: string('pk') });\n\
                   exports.own = exports.make('OfPackage');\n";
    let project = Project::new(&[
        (
            "schema.ts",
            &format!(
                "{orm}import './helper'; import {{ make }} from 'tables'; import './old.cjs';\n\
                 export const shop = dynamoTable('Shop', {{ pk: string('pk') }});\nmake('ByPackage');"
            ),
        ),
        (
            "helper.ts",
            &format!("{orm}export const x = dynamoTable('Helper', {{ pk: string('pk') }});"),
        ),
        ("old.cjs", "require('other');\n"),
        ("node_modules/tables/package.json", r#"{ "main": "./index.js" }"#),
        ("node_modules/tables/index.js", package),
        ("node_modules/other/package.json", r#"{ "main": "./index.js" }"#),
        ("node_modules/other/index.js", &package.replace("OfPackage", "Required")),
    ]);
    let expected = ["Helper helper.ts:2 dynamoTable", "ByPackage schema.ts:4 make"];
    assert_eq!(unexported(&project, &["schema.ts"]), expected);
    // Modules that a config has loaded are not loaded again.
    let evaluator = project.evaluator();
    project.write("mizzle.config.ts", "import './schema';\nexport default {};");
    evaluator.config(&project.path("mizzle.config.ts"), mizzle_eval::Limits::default()).unwrap();
    let paths = [project.path("schema.ts")];
    let declared = evaluator.schema(&paths, mizzle_eval::Limits::default()).unwrap();
    assert_eq!(declared.unexported.len(), 2);
}

#[test]
fn an_installed_orm_is_watched_as_well() {
    let text = "import { dynamoTable, string } from 'mizzle';\n\
                Error.prepareStackTrace = () => 'none';\n\
                export const shop = dynamoTable('Shop', { pk: string('pk') });\n\
                const beta = dynamoTable('Beta', { pk: string('pk') });\n";
    let built_in = Project::of(text);
    let installed = Project::of(text).copy("orm", "node_modules/mizzle");
    let beta = ["Beta schema.ts:4 dynamoTable"];
    assert_eq!(unexported(&built_in, &["schema.ts"]), beta);
    assert_eq!(unexported(&installed, &["schema.ts"]), beta);
    let cli = Project::of(&text.replace("from 'mizzle'", "from 'mizzle-cli/schema'"));
    assert_eq!(unexported(&cli, &["schema.ts"]), beta);
}

#[test]
fn a_computed_name_is_found_by_the_call_that_has_it() {
    let project = Project::of(indoc! {"
        import { dynamoTable, string } from 'mizzle';
        const stage = process.env.STAGE;
        export const all = [
          dynamoTable(`${stage}-orders`, { pk: string('pk') }),
        ];
    "});
    let declaration = schema(&project, &["schema.ts"]);
    let [table] = declaration.tables.as_slice() else { panic!("{declaration:?}") };
    assert_eq!(table.name, "undefined-orders");
    let made = table.made.as_ref().unwrap();
    let text = std::fs::read_to_string(&made.file).unwrap();
    assert_eq!(text[..made.end].lines().count(), 4, "{made:?}");
}

#[test]
fn objects_that_share_their_parts_are_walked_in_no_time() {
    let project = Project::of(indoc! {"
        import { dynamoTable, string } from 'mizzle';
        let dag: any = { table: dynamoTable('InDag', { pk: string('pk') }) };
        for (let level = 0; level < 40; level++) dag = { left: dag, right: dag, list: [dag, dag] };
        const circle: any[] = Array.from({ length: 30 }, () => ({}));
        for (const one of circle) circle.forEach((other, index) => { one[`to${index}`] = other; });
        circle[29].table = dynamoTable('InCircle', { pk: string('pk') });
        export { dag, circle };
    "});
    let started = std::time::Instant::now();
    let names: Vec<_> =
        schema(&project, &["schema.ts"]).tables.into_iter().map(|table| table.name).collect();
    assert_eq!(names, ["InCircle", "InDag"]);
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}

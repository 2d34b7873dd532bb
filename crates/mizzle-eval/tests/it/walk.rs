//! Which exports count.

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

//! Detection of schema files by their text.

use mizzle_eval::declares_tables;
use std::path::Path;

#[test]
fn schema_files_are_known_by_what_they_take_from_the_orm() {
    for (file, source, expected) in [
        ("a.ts", "import { dynamoTable, string } from 'mizzle';", true),
        ("a.ts", "import { dynamoEntity as entity } from \"@aurios/mizzle\";", true),
        ("a.ts", "import { dynamoTable } from 'mizzle/table';", true),
        ("a.ts", "import { dynamoTable } from 'mizzling';", true),
        ("a.ts", "import { dynamoTable } from '@aurios/mizzling/db';", true),
        ("a.ts", "import { dynamoTable } from 'mizzle-cli/schema';", true),
        ("a.tsx", "import { dynamoTable } from 'mizzle'; export const a = <b>c</b>;", true),
        ("a.ts", "import * as m from 'mizzle'; export const t = m.dynamoTable('T', {});", true),
        ("a.ts", "import m from 'mizzle'; export const t = [m.dynamoTable('T', {})];", true),
        ("a.cjs", "const { dynamoTable } = require('mizzle'); exports.t = dynamoTable('T')", true),
        ("a.cjs", "const m = require('mizzle'); exports.t = m.dynamoEntity(t, 'E')", true),
        // A file that only uses tables is not a schema.
        ("a.ts", "import { mizzle } from 'mizzle'; import { dynamoTable } from './orm';", false),
        ("a.ts", "import * as m from 'mizzle'; export const db = m.mizzle({});", false),
        ("a.ts", "import type { dynamoTable } from 'mizzle';", false),
        ("a.ts", "import { type dynamoTable } from 'mizzle';", false),
        ("a.ts", "export { dynamoTable } from 'mizzle';", false),
        ("a.ts", "import { defineConfig } from 'mizzle-cli'; export default {};", false),
        ("a.ts", "import { dynamoTable } from 'mizzler';", false),
        ("a.ts", "import { dynamoTable } from 'dynamo';", false),
        ("a.ts", "// import { dynamoTable } from 'mizzle'\nexport const n = 1;", false),
        ("a.ts", "const text = \"import { dynamoTable } from 'mizzle'\";", false),
        ("a.ts", "import { dynamoTable } from 'mizzle'; const =", false),
        ("a.ts", "", false),
    ] {
        assert_eq!(declares_tables(Path::new(file), source), expected, "{source}");
    }
}

#[test]
fn a_file_that_is_nested_beyond_reason_is_no_schema() {
    let nested = format!("import {{ dynamoTable }} from 'mizzle';\n{}", "[".repeat(100_000));
    assert!(!declares_tables(Path::new("a.ts"), &nested));
}

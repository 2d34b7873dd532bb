//! The contents of the written files.

use super::decide::Decision;
use super::settings::Place;

/// Returns the text of the config. With `declarations`, the package that declares its types is
/// imported; `ledger` is the name of the ledger's table, for a project that has a name.
pub(super) fn config(decision: &Decision, declarations: bool, ledger: Option<&str>) -> String {
    let Decision { schema, out, place, region, profile, .. } = decision;
    let field = |name: &str, value: &str| format!("{name}: {},", literal(value));
    let mut lines = match schema.as_slice() {
        [one] => vec![field("schema", one)],
        many => {
            let patterns = many.iter().map(|pattern| format!("  {},", literal(pattern)));
            let list = std::iter::once("schema: [".to_owned()).chain(patterns);
            list.chain(["],".to_owned()]).collect()
        }
    };
    lines.push(field("out", out));
    lines.extend(match place {
        Place::Embedded => {
            Some("// The DynamoDB inside mizzle, kept in .mizzle/local.db.".to_owned())
        }
        Place::Server(_) => None,
        Place::Aws => Some("// Without an endpoint it is AWS.".to_owned()),
    });
    lines.extend(place.clone().endpoint().map(|endpoint| field("endpoint", &endpoint)));
    lines.extend(region.as_ref().map(|region| field("region", region)));
    lines.extend(profile.as_ref().map(|profile| field("profile", profile)));
    if let Some(ledger) = ledger {
        lines.push(
            "// The table that records applied migrations: each project needs its own.".to_owned(),
        );
        lines.push(format!("migrations: {{ table: {} }},", literal(ledger)));
    }
    let fields: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    if declarations {
        return format!(
            "import {{ defineConfig }} from \"mizzle-cli\";\n\n\
             export default defineConfig({{\n{fields}}});\n"
        );
    }
    format!("export default {{\n{fields}}};\n")
}

/// Returns the text of a first schema: a table with an index, and an entity.
pub(super) fn starter(functions: &str) -> String {
    STARTER.replace("{functions}", functions)
}

const STARTER: &str = r#"import {
  dynamoEntity,
  dynamoTable,
  gsi,
  prefixKey,
  staticKey,
  string,
  uuid,
} from "{functions}";

// A table with its keys and indexes. Name it well: DynamoDB cannot rename.
export const app = dynamoTable("App", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    byEmail: gsi("email"),
  },
});

// What the table holds, and what the keys of an item are made of.
export const users = dynamoEntity(
  app,
  "User",
  { id: uuid(), email: string(), name: string() },
  (user) => ({ pk: prefixKey("USER#", user.id), sk: staticKey("PROFILE") }),
);
"#;

/// A JSON string is also a valid TypeScript string.
fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

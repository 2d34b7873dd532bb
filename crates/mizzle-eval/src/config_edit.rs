//! Adds entries to a config without changing its other text.
//!
//! Only a config whose default export is an object literal can be edited, whether it is wrapped in
//! `defineConfig(…)` or held in a constant. If code builds the object, the effect of an addition is
//! unknown.

use mizzle_core::text;
use mizzle_js::{on_own_stack, transpile};
use oxc::ast::ast::{
    Argument, Declaration, Expression, ObjectExpression, ObjectPropertyKind, Program, Statement,
    VariableDeclarationKind, VariableDeclarator,
};
use oxc::span::{GetSpan, Span};
use std::{fmt, path::Path};

/// The function that may wrap a config.
const DEFINE: &str = "defineConfig";

/// The reason why a config cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditRefusal {
    /// The config does not parse.
    Unparsable,
    /// The default export is not an object literal.
    NoLiteral,
    /// A part of the object comes from elsewhere, or its names are computed.
    Computed,
    /// The field to add to contains a value that is not an object literal.
    FieldNoLiteral(String),
    /// An entry of that name already exists.
    Taken(String),
}

impl fmt::Display for EditRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unparsable => f.write_str("it does not parse"),
            Self::NoLiteral => f.write_str("what it exports is not written as an object"),
            Self::Computed => f.write_str("a part of its object comes from elsewhere"),
            Self::FieldNoLiteral(field) => write!(f, "its `{field}` is not written as an object"),
            Self::Taken(name) => write!(f, "it has an entry {name:?} already"),
        }
    }
}

/// An entry to add.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    /// Its name.
    pub name: &'a str,
    /// The whole property, without indentation of its own and with two spaces per level.
    pub text: &'a str,
}

/// Returns the text of a config with entries added to the object in the field of that name, which
/// is created if it does not exist. All other text stays the same, byte for byte.
///
/// # Errors
///
/// The reason why the config cannot be edited.
pub fn add_to_config(
    file: &Path,
    source: &str,
    field: &str,
    entries: &[NewEntry<'_>],
) -> Result<String, EditRefusal> {
    const MARK: char = '\u{feff}';
    let (mark, bare) = match source.strip_prefix(MARK) {
        Some(bare) => ("\u{feff}", bare),
        None => ("", source),
    };
    let is_json = file.extension().is_some_and(|extension| extension == "json");
    // A JSON document is an expression; the field's name is quoted there.
    let head = if is_json { "export default " } else { "" };
    let code = format!("{head}{bare}");
    let path = if is_json { Path::new("config.ts") } else { file };
    let find =
        || transpile::with_program(path, &code, |program| Place::find(program, &code, field));
    let place = on_own_stack("mizzle-edit", find).ok().flatten();
    let place = place.ok_or(EditRefusal::Unparsable)??;
    let texts: Vec<String> = match &place.target {
        Target::Entries { names } => {
            let taken = |one: &&NewEntry<'_>| names.iter().any(|name| name == one.name);
            if let Some(taken) = entries.iter().find(taken) {
                return Err(EditRefusal::Taken(taken.name.to_owned()));
            }
            entries.iter().map(|one| one.text.to_owned()).collect()
        }
        Target::Field => {
            let name = if is_json { format!("{field:?}") } else { field.to_owned() };
            let comma = if is_json { "" } else { "," };
            let entries = entries.iter().map(|one| text::indented(one.text, "  ", "  "));
            let entries: Vec<String> = entries.map(|text| format!("  {text}")).collect();
            vec![format!("{name}: {{\n{}{comma}\n}}", entries.join(",\n"))]
        }
    };
    let edited = place.object.insert(&code, &texts, !is_json);
    Ok(format!("{mark}{}", &edited[head.len()..]))
}

/// The insertion point.
struct Place {
    object: Literal,
    target: Target,
}

/// The kind of insertion.
enum Target {
    /// The field itself.
    Field,
    /// Entries after the existing ones.
    Entries { names: Vec<String> },
}

impl Place {
    fn find(program: &Program<'_>, source: &str, field: &str) -> Result<Self, EditRefusal> {
        let object = exported(program).ok_or(EditRefusal::NoLiteral)?;
        let comments: Vec<Span> = program.comments.iter().map(|comment| comment.span).collect();
        let mut found = None;
        for property in &object.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else {
                return Err(EditRefusal::Computed);
            };
            match property.key.static_name() {
                None => return Err(EditRefusal::Computed),
                Some(name) if name == field => found = Some(&property.value),
                Some(_) => {}
            }
        }
        let Some(value) = found else {
            let object = Literal::of(object, source, &comments);
            return Ok(Self { object, target: Target::Field });
        };
        let Some(inner) = literal(value) else {
            return Err(EditRefusal::FieldNoLiteral(field.to_owned()));
        };
        let mut names = Vec::new();
        for property in &inner.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else {
                return Err(EditRefusal::Computed);
            };
            names.push(property.key.static_name().ok_or(EditRefusal::Computed)?.to_string());
        }
        Ok(Self {
            object: Literal::of(inner, source, &comments),
            target: Target::Entries { names },
        })
    }
}

/// An object literal, as far as insertion depends on it.
struct Literal {
    /// The span from the opening to the closing brace.
    span: std::ops::Range<usize>,
    /// The end of the last property.
    last: Option<usize>,
    /// True if a comma follows the last property.
    has_comma: bool,
    /// The indentation of a property.
    indent: String,
    /// The indentation of the closing brace.
    outer: String,
    /// True if the object is on one line.
    is_flat: bool,
}

impl Literal {
    fn of(object: &ObjectExpression<'_>, source: &str, comments: &[Span]) -> Self {
        let span = object.span.start as usize..object.span.end as usize;
        let close = span.end - 1;
        let last = object.properties.last().map(|property| property.span().end as usize);
        let is_comment = |at: usize| {
            comments.iter().any(|span| (span.start as usize..span.end as usize).contains(&at))
        };
        let has_comma = last.is_some_and(|last| {
            let tail = source[last..close].char_indices();
            tail.into_iter().any(|(at, c)| c == ',' && !is_comment(last + at))
        });
        let outer = indent_of(source, span.start);
        let first = object.properties.first().map(|property| property.span().start as usize);
        let is_flat = !source[span.clone()].contains('\n');
        let indent = match first.filter(|first| begins_line(source, *first)) {
            Some(first) => indent_of(source, first),
            None => format!("{outer}{}", unit_of(source)),
        };
        Self { span, last, has_comma, indent, outer, is_flat }
    }

    /// Returns the source with properties added at the end of the object.
    fn insert(&self, source: &str, texts: &[String], has_trailing_comma: bool) -> String {
        let Self { span, last, has_comma, indent, outer, is_flat } = self;
        let close = span.end - 1;
        let unit = match indent.strip_prefix(outer.as_str()) {
            Some(unit) if !unit.is_empty() => unit.to_owned(),
            _ => unit_of(source),
        };
        let properties = texts.iter().map(|text| text::indented(text, indent, &unit));
        let properties: Vec<String> = properties.map(|text| format!("{indent}{text}")).collect();
        let trailing = if has_trailing_comma { "," } else { "" };
        let mut added = format!("{}{trailing}\n", properties.join(",\n"));
        // The closing brace stays on its line, with the text before it.
        let line = source[..close].rfind('\n').map(|newline| newline + 1);
        let line = line.filter(|line| {
            let stands_alone = source[*line..close].trim().is_empty();
            !is_flat && stands_alone && last.is_none_or(|last| *line > last)
        });
        let at = line.unwrap_or(close);
        if line.is_none() {
            let gap = source[..close].trim_end_matches([' ', '\t']).len();
            added = format!("\n{added}{outer}");
            return self.joined(source, (gap.max(last.unwrap_or(0)), close), &added, *has_comma);
        }
        self.joined(source, (at, at), &added, *has_comma)
    }

    /// Returns the source with a comma after the last property, if it has none, and with `added` in
    /// place of the white space at `place`.
    fn joined(&self, source: &str, place: (usize, usize), added: &str, has_comma: bool) -> String {
        let newline = if source.contains("\r\n") { "\r\n" } else { "\n" };
        let added = added.replace('\n', newline);
        let (from, to) = place;
        match self.last.filter(|_| !has_comma) {
            Some(last) => {
                format!("{},{}{added}{}", &source[..last], &source[last..from], &source[to..])
            }
            None => format!("{}{added}{}", &source[..from], &source[to..]),
        }
    }
}

/// Returns the indentation of the line at a position.
fn indent_of(source: &str, at: usize) -> String {
    let start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    source[start..].chars().take_while(|c| *c == ' ' || *c == '\t').collect()
}

/// True if only white space precedes a position in its line.
fn begins_line(source: &str, at: usize) -> bool {
    let start = source[..at].rfind('\n').map(|newline| newline + 1);
    start.is_some_and(|start| source[start..at].trim().is_empty())
}

/// Returns the indentation of the first indented line; two spaces if there is none.
fn unit_of(source: &str) -> String {
    let indented =
        source.lines().find(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty());
    let unit = indented.map(|line| indent_of(line, 0));
    unit.filter(|unit| unit.len() <= 8).unwrap_or_else(|| "  ".to_owned())
}

/// Returns the object of a module's default export.
fn exported<'a, 'b>(program: &'b Program<'a>) -> Option<&'b ObjectExpression<'a>> {
    let export = program.body.iter().find_map(|statement| match statement {
        Statement::ExportDefaultDeclaration(export) => export.declaration.as_expression(),
        _ => None,
    })?;
    if let Some(object) = literal(export) {
        return Some(object);
    }
    let Expression::Identifier(constant) = bare(export) else { return None };
    let mut declared = program.body.iter().flat_map(declarators);
    let declarator = declared
        .find(|one| one.id.get_identifier_name().is_some_and(|name| name == constant.name))?;
    literal(declarator.init.as_ref()?)
}

/// Returns the constants that a statement declares.
fn declarators<'a, 'b>(statement: &'b Statement<'a>) -> &'b [VariableDeclarator<'a>] {
    let declaration = match statement {
        Statement::VariableDeclaration(declaration) => Some(declaration),
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(declaration) => Some(declaration),
            _ => None,
        },
        _ => None,
    };
    let constant = declaration.filter(|one| one.kind == VariableDeclarationKind::Const);
    constant.map_or(&[], |declaration| declaration.declarations.as_slice())
}

/// Returns an expression's object literal, also inside `defineConfig`.
fn literal<'a, 'b>(expression: &'b Expression<'a>) -> Option<&'b ObjectExpression<'a>> {
    match bare(expression) {
        Expression::ObjectExpression(object) => Some(object),
        Expression::CallExpression(call) => {
            let Expression::Identifier(callee) = &call.callee else { return None };
            match call.arguments.as_slice() {
                [argument] if callee.name == DEFINE => {
                    match bare(Argument::as_expression(argument)?) {
                        Expression::ObjectExpression(object) => Some(object),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Removes parentheses and types around an expression.
fn bare<'a, 'b>(expression: &'b Expression<'a>) -> &'b Expression<'a> {
    match expression {
        Expression::ParenthesizedExpression(inner) => bare(&inner.expression),
        Expression::TSAsExpression(inner) => bare(&inner.expression),
        Expression::TSSatisfiesExpression(inner) => bare(&inner.expression),
        Expression::TSNonNullExpression(inner) => bare(&inner.expression),
        Expression::TSTypeAssertion(inner) => bare(&inner.expression),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(file: &str, source: &str) -> Result<String, EditRefusal> {
        let is_json = file.ends_with("json");
        let quoted =
            move |name: &str| if is_json { format!("\"{name}\"") } else { name.to_owned() };
        let comma = if is_json { "" } else { "," };
        let text = format!("{}: {{\n  {}: 1{comma}\n}}", quoted("Shop"), quoted("a"));
        let flat = format!("{}: {{}}", quoted("Log"));
        let entries =
            [NewEntry { name: "Shop", text: &text }, NewEntry { name: "Log", text: &flat }];
        add_to_config(Path::new(file), source, "tables", &entries)
    }

    #[test]
    fn a_field_is_added_at_the_end() {
        for (before, after) in [
            (
                "export default {\n  schema: \"./a.ts\", // here\n};\n",
                "export default {\n  schema: \"./a.ts\", // here\n  tables: {\n    Shop: {\n      a: 1,\n    },\n    Log: {},\n  },\n};\n",
            ),
            (
                "import { defineConfig } from \"mizzle-cli\";\r\nexport default defineConfig({\r\n\tschema: \"./a.ts\" // a, b\r\n});",
                "import { defineConfig } from \"mizzle-cli\";\r\nexport default defineConfig({\r\n\tschema: \"./a.ts\", // a, b\r\n\ttables: {\r\n\t\tShop: {\r\n\t\t\ta: 1,\r\n\t\t},\r\n\t\tLog: {},\r\n\t},\r\n});",
            ),
            (
                "export default { schema: \"./a.ts\" } satisfies Config;\n",
                "export default { schema: \"./a.ts\",\n  tables: {\n    Shop: {\n      a: 1,\n    },\n    Log: {},\n  },\n} satisfies Config;\n",
            ),
            (
                "export const config: Config = defineConfig({});\nexport default config;",
                "export const config: Config = defineConfig({\n  tables: {\n    Shop: {\n      a: 1,\n    },\n    Log: {},\n  },\n});\nexport default config;",
            ),
            (
                "export default {\n    schema: \"./a.ts\", /* { } */ };",
                "export default {\n    schema: \"./a.ts\", /* { } */\n    tables: {\n        Shop: {\n            a: 1,\n        },\n        Log: {},\n    },\n};",
            ),
        ] {
            assert_eq!(add("mizzle.config.ts", before).as_deref(), Ok(after), "{before}");
        }
    }

    #[test]
    fn entries_are_added_beside_others() {
        for (before, after) in [
            (
                "export default {\n  tables: {\n    \"*\": { x: 1 },\n    // nothing more\n  },\n  out: \"x\",\n};\n",
                "export default {\n  tables: {\n    \"*\": { x: 1 },\n    // nothing more\n    Shop: {\n      a: 1,\n    },\n    Log: {},\n  },\n  out: \"x\",\n};\n",
            ),
            (
                "export default {\n  tables: { Users: {} },\n};\n",
                "export default {\n  tables: { Users: {},\n    Shop: {\n      a: 1,\n    },\n    Log: {},\n  },\n};\n",
            ),
            (
                "export default {\n  tables: {},\n};\n",
                "export default {\n  tables: {\n    Shop: {\n      a: 1,\n    },\n    Log: {},\n  },\n};\n",
            ),
        ] {
            assert_eq!(add("mizzle.config.mts", before).as_deref(), Ok(after), "{before}");
        }
    }

    #[test]
    fn json_stays_json_and_keeps_its_order() {
        for before in [
            "{\n  \"schema\": \"./a.ts\",\n  \"out\": \"./m\"\n}\n",
            "{ \"tables\": { \"*\": {} }, \"schema\": \"./a.ts\" }",
            "\u{feff}{\n\t\"tables\": {}\n}",
            "{}",
        ] {
            let after = add("mizzle.config.json", before).unwrap();
            let bare = after.trim_start_matches('\u{feff}');
            let parsed: serde_json::Value = serde_json::from_str(bare).unwrap();
            assert_eq!(parsed["tables"]["Shop"]["a"], 1, "{after}");
            assert_eq!(after.starts_with('\u{feff}'), before.starts_with('\u{feff}'));
            for (name, value) in
                serde_json::from_str::<serde_json::Value>(before.trim_start_matches('\u{feff}'))
                    .unwrap()
                    .as_object()
                    .unwrap()
            {
                assert!(name == "tables" || parsed[name] == *value, "{after}");
            }
        }
        assert_eq!(
            add("c.json", "{\n  \"a\": 1\n}\n").unwrap(),
            "{\n  \"a\": 1,\n  \"tables\": {\n    \"Shop\": {\n      \"a\": 1\n    },\n    \"Log\": {}\n  }\n}\n"
        );
    }

    #[test]
    fn what_code_puts_together_is_left_alone() {
        use EditRefusal::{Computed, FieldNoLiteral, NoLiteral, Taken, Unparsable};
        for (source, expected) in [
            ("export default {", Unparsable),
            ("export default () => ({});", NoLiteral),
            ("export default make({});", NoLiteral),
            ("export default defineConfig(base);", NoLiteral),
            ("let config = {}; config = {}; export default config;", NoLiteral),
            ("module.exports = {};", NoLiteral),
            ("export default { ...base };", Computed),
            ("export default { [name]: 1 };", Computed),
            ("export default { tables };", FieldNoLiteral("tables".to_owned())),
            ("export default { tables: { ...others } };", Computed),
            ("export default { tables: { \"Shop\": {} } };", Taken("Shop".to_owned())),
        ] {
            assert_eq!(add("mizzle.config.ts", source), Err(expected), "{source}");
        }
    }
}

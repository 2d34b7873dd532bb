//! Formats Terraform code as `terraform fmt` does, so that an export passes a format check without
//! changes.

use hcl::{
    Body,
    edit::{
        Decorate,
        expr::{Array, Expression, FuncCall, Object, ObjectValueTerminator},
        structure::{Block, Body as Laid, Structure},
        visit_mut::{self, VisitMut},
    },
    format::{Format, Formatter},
};

/// The maximum length of a list on one line. A longer list has one line for each element.
const SHORT: usize = 60;

/// Returns the text of a file.
pub(super) fn text(body: &Body) -> String {
    let mut laid: Laid =
        plain(body).parse().expect("what was written as Terraform's language is it");
    Layout { depth: 0 }.visit_body_mut(&mut laid);
    laid.to_string()
}

/// Prints code as hcl-rs formats it: over several lines, except for the arguments of functions.
fn plain(part: &impl Format) -> String {
    let mut text = Vec::new();
    part.format(&mut Formatter::builder().prefer_ident_keys(true).build(&mut text))
        .expect("a vector can be written to");
    String::from_utf8(text).expect("what is put together from strings is one")
}

/// Formats inner values before outer ones: a value's line count decides the alignment of its name.
struct Layout {
    /// The number of enclosing blocks.
    depth: usize,
}

impl VisitMut for Layout {
    fn visit_block_mut(&mut self, block: &mut Block) {
        self.depth += 1;
        visit_mut::visit_block_mut(self, block);
        self.depth -= 1;
    }

    /// Breaks objects in arguments into lines, too.
    fn visit_func_call_mut(&mut self, call: &mut FuncCall) {
        // No string contains a line break: they are escaped.
        let indent = format!("\n{}", "  ".repeat(self.depth));
        for argument in call.args.iter_mut().filter(|argument| argument.is_object()) {
            let text = plain(&hcl::Expression::from(argument.clone())).replace('\n', &indent);
            *argument = text.parse().expect("what was written as an expression is one");
        }
        visit_mut::visit_func_call_mut(self, call);
    }

    /// Puts a short list on one line.
    fn visit_array_mut(&mut self, array: &mut Array) {
        visit_mut::visit_array_mut(self, array);
        let is_plain = |element: &Expression| !(element.is_object() || element.is_array());
        let lengths = array.iter().map(|element| element.to_string().trim().len() + ", ".len());
        if !array.iter().all(is_plain) || lengths.sum::<usize>() > SHORT {
            return;
        }
        for (position, element) in array.iter_mut().enumerate() {
            element.decor_mut().set_prefix(if position == 0 { "" } else { " " });
            element.decor_mut().set_suffix("");
        }
        array.set_trailing("");
        array.set_trailing_comma(false);
    }

    fn visit_body_mut(&mut self, body: &mut Laid) {
        visit_mut::visit_body_mut(self, body);
        let lengths = body.iter().map(|structure| match structure {
            Structure::Attribute(attribute) => {
                is_line(&attribute.value).then(|| attribute.key.chars().count())
            }
            Structure::Block(_) => None,
        });
        let gaps = gaps(&lengths.collect::<Vec<_>>());
        for (mut structure, gap) in body.iter_mut().zip(gaps) {
            if let Some(mut attribute) = structure.as_attribute_mut() {
                attribute.key_decor_mut().set_suffix(gap);
            }
        }
    }

    fn visit_object_mut(&mut self, object: &mut Object) {
        visit_mut::visit_object_mut(self, object);
        let is_spread =
            object.iter().any(|(_, value)| value.terminator() == ObjectValueTerminator::Newline);
        if !is_spread {
            return;
        }
        let lengths = object.iter().map(|(key, value)| {
            let key = match (key.as_ident(), key.as_expr()) {
                (Some(ident), _) => ident.to_string(),
                (None, Some(expression)) => expression.to_string(),
                (None, None) => return None,
            };
            is_line(value.expr()).then(|| key.trim().chars().count())
        });
        let gaps = gaps(&lengths.collect::<Vec<_>>());
        for ((mut key, _), gap) in object.iter_mut().zip(gaps) {
            key.decor_mut().set_suffix(gap);
        }
    }
}

fn is_line(value: &Expression) -> bool {
    !value.to_string().trim().contains('\n')
}

/// Returns the blanks between names and equals signs, which align in successive lines. `lengths`
/// are the lengths of the names; a value of several lines has none, and separates the lines before
/// it from those after it.
fn gaps(lengths: &[Option<usize>]) -> Vec<String> {
    let mut gaps = Vec::with_capacity(lengths.len());
    for group in lengths.chunk_by(|a, b| a.is_some() && b.is_some()) {
        let longest = group.iter().flatten().max().copied().unwrap_or_default();
        gaps.extend(group.iter().map(|length| match length {
            Some(length) => " ".repeat(longest - length + 1),
            None => " ".to_owned(),
        }));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_signs_are_below_each_other() {
        let body = r#"
resource "a" "b" {
  name = "x"
  long_name = { a = 1, bcd = [1, 2] }
  x = 1
  yz = 2
  list = ["only", "short", "words"]

  block {
    q = f({ aa = [{ b = "${c}" }], ccc = 1, d = "$${e}", "f:g" = true })
  }
}
"#;
        let body: Body = hcl::parse(body).unwrap();
        assert_eq!(
            text(&body),
            r#"resource "a" "b" {
  name = "x"
  long_name = {
    a   = 1
    bcd = [1, 2]
  }
  x    = 1
  yz   = 2
  list = ["only", "short", "words"]

  block {
    q = f({
      aa = [
        {
          b = "${c}"
        }
      ]
      ccc   = 1
      d     = "$${e}"
      "f:g" = true
    })
  }
}
"#
        );
    }
}

//! Measures the nesting depth of a file before it is parsed.
//!
//! The parser recurses once for each level, and a stack overflow aborts the process. So a scan of
//! the text, without recursion, refuses files that are nested too deeply: by brackets, or by
//! operators that nest without brackets (`!!!!x`, `a + a + …`, `else if … else if …`).
//!
//! The scan handles strings, comments, templates and regular expressions well enough for honest
//! files. Where JavaScript is ambiguous without a parser it may count an operator too many; the
//! limits are far above handwritten and generated code.

use super::Refusal;
use crate::error::EvalErrorKind;

/// The maximum number of open brackets, braces, parentheses and `${`. (Deeper than any honest file;
/// the stacks of the parser threads have room for several times as many.)
const MAX_OPEN: usize = 1_500;
/// The maximum number of pending operators, over all open brackets.
const MAX_CHAIN: usize = 15_000;

/// Refuses a source that is nested too deeply to be parsed safely.
pub(super) fn check(source: &str) -> Result<(), Box<Refusal>> {
    if source.len() <= MAX_OPEN {
        return Ok(());
    }
    Scan::new(source.as_bytes()).run().map_err(|(offset, what)| {
        Box::new(Refusal {
            kind: EvalErrorKind::NestingDepth,
            message: match what {
                Excess::Brackets => format!("the code nests more than {MAX_OPEN} brackets"),
                Excess::Operators => {
                    format!("an expression or statement chains more than {MAX_CHAIN} operators")
                }
            },
            span: offset..offset + 1,
            label: "the limit is reached here".to_owned(),
            hint: Some("split it into parts, or load it as data from a JSON file".to_owned()),
        })
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excess {
    Brackets,
    Operators,
}

/// The kind of the previous token, as far as the meaning of the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Previous {
    /// Nothing yet, an operator, an opening bracket, a separator: an operand comes next.
    Operator,
    /// An identifier, a literal, `]`, or `)` after an expression.
    Operand,
    /// `}`: the end of a block or of an object.
    Brace,
    /// The `)` of `if (…)`, `for (…)`, `while (…)`, `with (…)`.
    Header,
}

/// An open bracket.
struct Level {
    closer: u8,
    /// The operators of the current expression or statement in it.
    chain: usize,
    /// True if the bracket belongs to the header of a control statement.
    header: bool,
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    levels: Vec<Level>,
    /// The sum of all chains.
    total: usize,
    previous: Previous,
    /// True if a line has ended since the previous token.
    new_line: bool,
    /// True if a statement may be over; the next token decides (`else` continues it).
    ended: bool,
    /// True if the previous token was a keyword with a control header.
    control: bool,
}

impl<'a> Scan<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            levels: vec![Level { closer: 0, chain: 0, header: false }],
            total: 0,
            previous: Previous::Operator,
            new_line: false,
            ended: false,
            control: false,
        }
    }

    fn run(mut self) -> Result<(), (usize, Excess)> {
        while let Some(&byte) = self.text.get(self.at) {
            let start = self.at;
            self.token(byte);
            if self.levels.len() > MAX_OPEN {
                return Err((start, Excess::Brackets));
            }
            if self.total > MAX_CHAIN {
                return Err((start, Excess::Operators));
            }
        }
        Ok(())
    }

    fn token(&mut self, byte: u8) {
        let control = std::mem::take(&mut self.control);
        match byte {
            b'\n' => {
                self.new_line = true;
                self.control = control;
                self.at += 1;
            }
            b' ' | b'\t' | b'\r' => {
                self.control = control;
                self.at += 1;
            }
            b'/' if matches!(self.peek(1), Some(b'/' | b'*')) => {
                self.comment();
                self.control = control;
            }
            b'/' if self.previous != Previous::Operand => self.regular_expression(),
            b'"' | b'\'' => {
                self.begin_operand();
                self.string(byte);
            }
            b'`' => {
                self.begin_operand();
                self.at += 1;
                self.template();
            }
            b'(' | b'[' | b'{' => self.open(byte, control),
            b')' | b']' | b'}' => self.close(byte),
            b';' => {
                self.ended = true;
                self.previous = Previous::Operator;
                self.at += 1;
            }
            b',' => {
                self.reset();
                self.previous = Previous::Operator;
                self.at += 1;
            }
            _ if is_word(byte) => self.word(),
            _ => self.operator(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn level(&mut self) -> Option<&mut Level> {
        self.levels.last_mut()
    }

    fn reset(&mut self) {
        let chain = self.level().map_or(0, |level| std::mem::take(&mut level.chain));
        self.total -= chain;
        self.ended = false;
        self.new_line = false;
    }

    fn count(&mut self) {
        if let Some(level) = self.level() {
            level.chain += 1;
            self.total += 1;
        }
    }

    /// Begins an operand: a statement that may be over is over.
    fn begin_operand(&mut self) {
        let separated = match self.previous {
            Previous::Operand => self.new_line,
            Previous::Brace => true,
            Previous::Operator | Previous::Header => false,
        };
        if self.ended || separated {
            self.reset();
        }
        self.new_line = false;
        self.previous = Previous::Operand;
    }

    fn operator(&mut self) {
        if self.ended {
            self.reset();
        }
        self.count();
        // After `++` and `--` an operand is still an operand; no other two bytes matter here.
        let postfix = matches!(self.text.get(self.at..self.at + 2), Some(b"++" | b"--"))
            && self.previous == Previous::Operand;
        if !postfix {
            self.previous = Previous::Operator;
        }
        self.at += if postfix { 2 } else { 1 };
        self.new_line = false;
    }

    fn open(&mut self, byte: u8, header: bool) {
        if self.ended {
            self.reset();
        }
        if self.previous == Previous::Operand {
            self.count();
        }
        let closer = match byte {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        self.levels.push(Level { closer, chain: 0, header });
        self.previous = Previous::Operator;
        self.new_line = false;
        self.at += 1;
    }

    fn close(&mut self, byte: u8) {
        let mut header = false;
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.total -= level.chain;
            header = level.header;
            if level.closer == b'$' && byte == b'}' {
                self.at += 1;
                self.ended = false;
                self.template();
                return;
            }
        }
        self.ended = false;
        self.new_line = false;
        self.previous = match byte {
            b'}' => Previous::Brace,
            _ if header => Previous::Header,
            _ => Previous::Operand,
        };
        self.at += 1;
    }

    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let after_dot = start > 0 && self.text.get(start - 1) == Some(&b'.');
        match self.text.get(start..self.at).unwrap_or_default() {
            _ if after_dot => self.begin_operand(),
            // These continue a statement, so they nest in the code before.
            b"else" | b"catch" | b"finally" => {
                self.ended = false;
                self.new_line = false;
                self.count();
                self.previous = Previous::Operator;
            }
            b"if" | b"for" | b"while" | b"with" => {
                self.begin_statement();
                self.count();
                self.control = true;
            }
            b"do" => {
                self.begin_statement();
                self.count();
            }
            // No expression continues over these.
            b"case" | b"const" | b"var" | b"return" | b"throw" | b"switch" | b"try" | b"break"
            | b"continue" | b"export" => {
                if self.ended || self.previous != Previous::Header {
                    self.reset();
                }
                self.previous = Previous::Operator;
            }
            b"typeof" | b"void" | b"delete" | b"await" | b"yield" | b"new" | b"keyof"
            | b"infer" => {
                self.begin_operand();
                self.count();
                self.previous = Previous::Operator;
            }
            b"in" | b"of" | b"instanceof" | b"as" | b"satisfies" | b"extends" => {
                self.count();
                self.ended = false;
                self.new_line = false;
                self.previous = Previous::Operator;
            }
            _ => self.begin_operand(),
        }
    }

    fn begin_statement(&mut self) {
        self.begin_operand();
        self.previous = Previous::Operator;
    }

    fn comment(&mut self) {
        let line = self.peek(1) == Some(b'/');
        self.at += 2;
        while let Some(byte) = self.peek(0) {
            if line && byte == b'\n' {
                return;
            }
            if !line && byte == b'*' && self.peek(1) == Some(b'/') {
                self.at += 2;
                return;
            }
            self.new_line |= byte == b'\n';
            self.at += 1;
        }
    }

    fn string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.at += 2,
                // An unterminated string is a syntax error: continue with the next line.
                b'\n' => return,
                _ => {
                    self.at += 1;
                    if byte == quote {
                        return;
                    }
                }
            }
        }
    }

    /// Scans the text of a template up to its end, or up to a `${` that opens a level.
    fn template(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.previous = Previous::Operand;
                    return;
                }
                b'$' if self.peek(1) == Some(b'{') => {
                    self.at += 2;
                    self.levels.push(Level { closer: b'$', chain: 0, header: false });
                    self.previous = Previous::Operator;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Scans a regular expression if one ends on this line, otherwise an operator.
    fn regular_expression(&mut self) {
        let mut class = false;
        let mut ahead = 1;
        while let Some(byte) = self.peek(ahead) {
            match byte {
                b'\\' => ahead += 1,
                b'\n' => break,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    self.begin_operand();
                    self.at += ahead + 1;
                    return;
                }
                _ => {}
            }
            ahead += 1;
        }
        self.operator();
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excess(source: &str) -> Option<Excess> {
        Scan::new(source.as_bytes()).run().err().map(|(_, excess)| excess)
    }

    #[test]
    fn deep_nesting_is_refused() {
        let n = 20_000;
        for (name, source, expected) in [
            ("arrays", "[".repeat(n), Excess::Brackets),
            ("closed arrays", "[".repeat(n) + &"]".repeat(n), Excess::Brackets),
            ("calls", "f(".repeat(n), Excess::Brackets),
            ("templates", "`${".repeat(n), Excess::Brackets),
            (
                "after a regular expression",
                "/[(/]/.test(x);".to_owned() + &"{".repeat(n),
                Excess::Brackets,
            ),
            ("negations", "!".repeat(n) + "x", Excess::Operators),
            ("sum", "a+".repeat(n) + "a", Excess::Operators),
            ("sum over lines", "a +\n".repeat(n) + "a", Excess::Operators),
            ("members", "a".to_owned() + &".b".repeat(n), Excess::Operators),
            ("calls of calls", "f".to_owned() + &"()".repeat(n), Excess::Operators),
            ("arrows", "x=>".repeat(n) + "x", Excess::Operators),
            ("types", "type T=".to_owned() + &"A<".repeat(n), Excess::Operators),
            ("else if", "if(a){}else ".repeat(n) + "{}", Excess::Operators),
            ("else if with semicolons", "if(a)b();else ".repeat(n) + "{}", Excess::Operators),
            ("if over lines", "if(x)\n".repeat(n) + ";", Excess::Operators),
            ("typeof", "typeof ".repeat(n) + "x", Excess::Operators),
        ] {
            assert_eq!(excess(&source), Some(expected), "{name}");
        }
    }

    #[test]
    fn long_but_flat_files_pass() {
        let n = 20_000;
        for (name, source) in [
            ("statements", "foo.bar(x).baz = [1, 2];\n".repeat(n)),
            ("statements without semicolons", "foo.bar(x).baz = y\n".repeat(n)),
            ("calls without semicolons", "foo.bar(x)\n".repeat(n)),
            ("declarations without semicolons", "const a = b\n".repeat(n)),
            ("list", format!("[{}]", "-1,".repeat(n))),
            ("object", format!("x = {{{}}}", "'a': b.c,\n".repeat(n))),
            ("ifs", "if (a.b) { c.d() }\n".repeat(n)),
            ("methods", format!("class A {{ {} }}", "get a() { return this.b }\n".repeat(n))),
            ("methods in one line", format!("class A {{ {} }}", "a(){return this.b}".repeat(n))),
            ("cases", format!("switch (x) {{ {} }}", "case a.b:\n".repeat(n))),
            ("brackets in strings", "x = '[[[[((((';\n".repeat(n)),
            ("brackets in comments", "/* [[[ */ // (((\n".repeat(n)),
            ("brackets in templates", "x = `[[[ ${a} ((( `;\n".repeat(n)),
            ("brackets in regular expressions", "x = /[[({]/g;\n".repeat(n)),
            ("divisions", "x = a / b / (c);\n".repeat(n)),
            ("apostrophes in text", "<p>don't {x}</p>\n".repeat(1_000)),
            ("types", "export interface A { a?: string; b: A[] }\n".repeat(n)),
        ] {
            assert_eq!(excess(&source), None, "{name}");
        }
    }

    #[test]
    fn the_scan_reads_arbitrary_bytes() {
        for source in ["\\", "\"\\", "`${", "/", "/[", "/*", ")", "}", "`", "é${", "a.", "++"] {
            assert_eq!(excess(source), None, "{source:?}");
        }
    }
}

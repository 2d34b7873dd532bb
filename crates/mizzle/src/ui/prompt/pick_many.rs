//! A list for selecting several choices, filtered by typing.
//!
//! It has cliclack's style but does not use its `MultiSelect`: that one shows the hint only beside
//! the cursor, finds labels that merely resemble the typed text, and (in 0.5.7) ends the process
//! when the space bar is pressed while no choice is found. The selected things may be deleted.

use super::{super::canvas::Canvas, Choice};
use cliclack::{StringCursor, Theme, ThemeState};
use console::{Emoji, Key, Term, measure_text_width, style, truncate_str};
use std::io;

/// The maximum number of picked choices that are named; others are counted.
const SHOWN_PICKS: usize = 10;

/// The gap between a label and its hint.
const GAP: usize = 2;

/// The minimum width of a label that is cut to make room for its hint.
const LEAST_LABEL: usize = 16;

const BAR: Emoji<'_, '_> = Emoji("│", "|");

/// Clack's symbols and colours.
struct Look;

impl Theme for Look {}

/// Asks on the terminal. Cancelling returns [`io::ErrorKind::Interrupted`].
pub(super) fn ask(question: &str, choices: &[Choice], rows: usize) -> io::Result<Vec<usize>> {
    let term = Term::stderr();
    term.hide_cursor()?;
    let picked = converse(&term, &mut List::new(question, choices, rows));
    term.show_cursor()?;
    picked
}

fn converse(term: &Term, list: &mut List<'_>) -> io::Result<Vec<usize>> {
    let mut canvas = Canvas::new();
    let mut state = ThemeState::Active;
    loop {
        let (_, columns) = canvas.size();
        canvas.draw(&list.lines(&state, usize::from(columns)))?;
        match state {
            ThemeState::Submit => return Ok(list.picked()),
            ThemeState::Cancel => return Err(io::ErrorKind::Interrupted.into()),
            ThemeState::Active | ThemeState::Error(_) => {}
        }
        state = match term.read_key_raw() {
            Ok(key) => list.press(&key),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => ThemeState::Cancel,
            Err(error) => return Err(error),
        };
    }
}

/// The list and its state.
struct List<'a> {
    question: &'a str,
    choices: &'a [Choice],
    /// True for each choice that is picked.
    picked: Vec<bool>,
    filter: StringCursor,
    /// The positions of the choices that match the filter.
    shown: Vec<usize>,
    /// The position of the cursor among the shown choices.
    cursor: usize,
    /// The first shown choice on the screen.
    top: usize,
    /// The number of shown choices on the screen.
    rows: usize,
}

impl<'a> List<'a> {
    fn new(question: &'a str, choices: &'a [Choice], rows: usize) -> Self {
        Self {
            question,
            choices,
            picked: vec![false; choices.len()],
            filter: StringCursor::default(),
            shown: (0..choices.len()).collect(),
            cursor: 0,
            top: 0,
            rows: rows.max(1),
        }
    }

    fn picked(&self) -> Vec<usize> {
        (0..self.choices.len()).filter(|at| self.picked[*at]).collect()
    }

    /// Handles a key.
    fn press(&mut self, key: &Key) -> ThemeState {
        match key {
            Key::Escape | Key::CtrlC => return ThemeState::Cancel,
            Key::Enter if self.picked.contains(&true) => return ThemeState::Submit,
            Key::Enter => return ThemeState::Error("pick with the space bar".to_owned()),
            Key::Char(' ') => {
                if let Some(at) = self.shown.get(self.cursor) {
                    self.picked[*at] = !self.picked[*at];
                }
            }
            // Picks all shown choices, or none if all are picked.
            Key::Tab => {
                let all = self.shown.iter().all(|at| self.picked[*at]);
                for at in &self.shown {
                    self.picked[*at] = !all;
                }
            }
            Key::ArrowUp | Key::Char('\u{10}') => self.go(self.cursor.saturating_sub(1)),
            Key::ArrowDown | Key::Char('\u{e}') => self.go(self.cursor + 1),
            Key::PageUp => self.go(self.cursor.saturating_sub(self.rows)),
            Key::PageDown => self.go(self.cursor + self.rows),
            Key::Home => self.go(0),
            Key::End => self.go(usize::MAX),
            Key::Backspace => {
                self.filter.delete_left();
                self.search();
            }
            // Ctrl-U
            Key::Char('\u{15}') => {
                self.filter.clear();
                self.search();
            }
            Key::Char(typed) if !typed.is_control() => {
                self.filter.insert(*typed);
                self.search();
            }
            _ => {}
        }
        ThemeState::Active
    }

    fn go(&mut self, to: usize) {
        self.cursor = to.min(self.shown.len().saturating_sub(1));
        let lowest = self.cursor.saturating_sub(self.rows - 1);
        self.top = self.top.clamp(lowest, self.cursor);
    }

    fn search(&mut self) {
        let typed = self.filter.to_string().to_lowercase();
        let matches = |at: &usize| self.choices[*at].label.to_lowercase().contains(&typed);
        self.shown = (0..self.choices.len()).filter(matches).collect();
        self.go(0);
    }

    /// Returns the list in lines of at most `columns`.
    fn lines(&self, state: &ThemeState, columns: usize) -> Vec<String> {
        let bar = Look.bar_color(state).apply_to(BAR).to_string();
        let mut text = Look.format_header(state, self.question);
        match state {
            ThemeState::Active | ThemeState::Error(_) => {
                text += &self.search_line(state);
                let visible = self.shown.iter().enumerate().skip(self.top).take(self.rows);
                let width = self.label_width(columns);
                for (row, at) in visible {
                    text +=
                        &format!("{bar}  {}\n", self.row(state, *at, row == self.cursor, width));
                }
                text += &Look.format_footer_with_message(state, &self.standing());
            }
            ThemeState::Submit | ThemeState::Cancel => {
                let style = Look.checkbox_style(state, true, false);
                let picked = self.picked();
                for at in picked.iter().take(SHOWN_PICKS) {
                    text += &format!("{bar}  {}\n", style.apply_to(&self.choices[*at].label));
                }
                if let Some(more) = picked.len().checked_sub(SHOWN_PICKS).filter(|more| *more > 0) {
                    text += &format!("{bar}  {}\n", style.apply_to(format!("and {more} more")));
                }
                text += &Look.format_footer(state);
            }
        }
        text.lines().map(|line| truncate_str(line, columns, "…").into_owned()).collect()
    }

    fn search_line(&self, state: &ThemeState) -> String {
        if self.filter.is_empty() {
            let mut placeholder = StringCursor::default();
            placeholder.extend("type to filter");
            return Look.format_placeholder(state, &placeholder);
        }
        Look.format_input(state, &self.filter)
    }

    /// Returns the width of the labels on the screen: their full width, if that leaves room for
    /// hints.
    fn label_width(&self, columns: usize) -> usize {
        const BAR_AND_BOX: usize = 5;
        let shown = || self.shown.iter().skip(self.top).take(self.rows);
        let widest = |width: fn(&Choice) -> usize| {
            shown().map(|at| width(&self.choices[*at])).max().unwrap_or_default()
        };
        let labels = widest(|choice| measure_text_width(&choice.label));
        let hints = widest(|choice| measure_text_width(&choice.hint));
        let room = columns.saturating_sub(BAR_AND_BOX + GAP + hints);
        labels.min(room.max(LEAST_LABEL))
    }

    fn row(&self, state: &ThemeState, at: usize, is_active: bool, width: usize) -> String {
        let Choice { label, hint } = &self.choices[at];
        let is_picked = self.picked[at];
        let symbol = Look.checkbox_symbol(state, is_picked, is_active);
        let label = console::pad_str(label, width, console::Alignment::Left, Some("…"));
        let label = Look.checkbox_style(state, is_picked, is_active).apply_to(label);
        format!("{symbol} {label}{}{}", " ".repeat(GAP), style(hint).dim().for_stderr())
            .trim_end()
            .to_owned()
    }

    /// Returns the number of choices, and of picked ones.
    fn standing(&self) -> String {
        let (picked, total) = (self.picked().len(), self.choices.len());
        let shown = match self.shown.len() {
            0 => ", nothing is called so".to_owned(),
            shown if shown == total => String::new(),
            shown => format!(", {shown} shown"),
        };
        format!("{picked} of {total} picked{shown}; space picks, Tab all, Enter goes on")
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, List};
    use cliclack::ThemeState;
    use console::{Key, measure_text_width, strip_ansi_codes};
    use proptest::prelude::*;

    fn choices() -> Vec<Choice> {
        let names =
            ["Customers", "Orders", "OrderLines", "Sessions", "Stock", "表".repeat(30).leak()];
        names.iter().map(|name| Choice::new(*name, "12 items, 3 kB, 2 days old")).collect()
    }

    fn press(list: &mut List<'_>, keys: impl IntoIterator<Item = Key>) -> ThemeState {
        keys.into_iter().fold(ThemeState::Active, |_, key| list.press(&key))
    }

    fn typed(text: &str) -> impl Iterator<Item = Key> {
        text.chars().map(Key::Char)
    }

    #[test]
    fn what_is_picked_stays_picked_when_the_filter_hides_it() {
        let choices = choices();
        let mut list = List::new("Which?", &choices, 4);
        press(&mut list, typed("order "));
        assert_eq!(list.picked(), [1]);
        press(&mut list, [Key::Char('\u{15}')]);
        press(&mut list, typed("STOCK "));
        assert_eq!(list.picked(), [1, 4]);
        assert!(matches!(press(&mut list, [Key::Enter]), ThemeState::Submit));
    }

    #[test]
    fn nothing_is_picked_where_nothing_is_found() {
        let choices = choices();
        let mut list = List::new("Which?", &choices, 4);
        let state = press(&mut list, typed("nowhere ").chain([Key::Tab, Key::Enter]));
        assert!(matches!(state, ThemeState::Error(_)));
        assert!(list.picked().is_empty());
    }

    #[test]
    fn all_that_are_shown_are_picked_or_none() {
        let choices = choices();
        let mut list = List::new("Which?", &choices, 4);
        press(&mut list, typed("order").chain([Key::Tab]));
        assert_eq!(list.picked(), [1, 2]);
        press(&mut list, [Key::Tab]);
        assert!(list.picked().is_empty());
    }

    fn key() -> impl Strategy<Value = Key> {
        prop_oneof![
            prop::sample::select(vec![
                Key::ArrowUp,
                Key::ArrowDown,
                Key::PageUp,
                Key::PageDown,
                Key::Home,
                Key::End,
                Key::Backspace,
                Key::Enter,
                Key::Char(' '),
                Key::Char('\u{15}'),
                Key::Tab,
            ]),
            prop::sample::select(vec!['o', 'r', 's', 't', '表', 'x']).prop_map(Key::Char),
        ]
    }

    proptest! {
        /// For any keys, the cursor is on the screen, and no line exceeds the screen.
        #[test]
        fn every_screen_fits(
            keys in prop::collection::vec(key(), 0..60),
            columns in 10_usize..120,
            rows in 1_usize..8,
        ) {
            let choices = choices();
            let mut list = List::new("Which?", &choices, rows);
            for key in keys {
                let state = list.press(&key);
                let lines = list.lines(&state, columns);
                for line in &lines {
                    prop_assert!(measure_text_width(line) <= columns, "{line}");
                }
                let is_over = matches!(state, ThemeState::Submit | ThemeState::Cancel);
                prop_assert!(is_over || lines.len() <= rows + 3, "{lines:#?}");
                prop_assert!(list.cursor < list.shown.len().max(1));
                prop_assert!(list.top <= list.cursor && list.cursor < list.top + rows);
            }
        }
    }

    #[test]
    fn it_looks_like_this() {
        let choices = choices();
        let mut list = List::new("Which?", &choices, 4);
        let mut screens = Vec::new();
        let mut look = |list: &List<'_>, state: &ThemeState, columns| {
            screens.push(strip_ansi_codes(&list.lines(state, columns).join("\n")).into_owned());
        };
        look(&list, &ThemeState::Active, 60);
        press(&mut list, typed("order").chain([Key::ArrowDown, Key::Char(' ')]));
        look(&list, &ThemeState::Active, 60);
        look(&list, &ThemeState::Active, 40);
        look(&list, &ThemeState::Submit, 40);
        look(&list, &ThemeState::Cancel, 40);
        insta::assert_snapshot!(screens.join("\n\n"));
    }
}

//! The line behind the colon. It says nothing that no key says, but for the themes: whoever knows one way needs no other.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::msg::{Cmd, Effect};
use super::page::Page;
use super::prompt::{Kind, Prompt, Typed};
use super::state::UiState;
use super::theme::{Palette, Role};

/// The commands that are one word, and what they mean.
const WORDS: &[(&str, Cmd)] = &[
    ("abort", Cmd::Abort),
    ("arm", Cmd::Arm),
    ("differences", Cmd::Differences),
    ("disarm", Cmd::Disarm),
    ("extensions", Cmd::Page(Page::Extensions)),
    ("freeze", Cmd::Freeze),
    ("help", Cmd::Help),
    ("jobs", Cmd::Page(Page::Jobs)),
    ("log", Cmd::Page(Page::Log)),
    ("next", Cmd::Next),
    ("overview", Cmd::Page(Page::Overview)),
    ("q", Cmd::Quit),
    ("quit", Cmd::Quit),
    ("redraw", Cmd::Redraw),
    ("rows", Cmd::Page(Page::Rows)),
    ("sessions", Cmd::Page(Page::Sessions)),
    ("sort", Cmd::Sort),
    ("steps", Cmd::Page(Page::Steps)),
    ("undo", Cmd::Undo),
    ("zoom", Cmd::Zoom),
];

impl UiState {
    pub(super) fn key_in_prompt(&mut self, key: KeyEvent) -> Vec<Effect> {
        match self.prompt.as_ref().map(|prompt| prompt.kind) {
            Some(Kind::Filter(page)) => self.key_in_filter(page, key),
            Some(Kind::Command) => return self.key_in_command_line(key),
            None => {}
        }
        Vec::new()
    }

    fn key_in_filter(&mut self, page: Page, key: KeyEvent) {
        let Some(prompt) = &mut self.prompt else { return };
        let typed = prompt.key(key);
        let text = if key.code == KeyCode::Esc { String::new() } else { prompt.text.clone() };
        if typed == Typed::Entered || key.code == KeyCode::Esc {
            self.prompt = None;
        }
        self.list_mut(page).filter_by(&text);
    }

    fn key_in_command_line(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        match key.code {
            KeyCode::Esc => self.prompt = None,
            KeyCode::Backspace if prompt.text.is_empty() => self.prompt = None,
            KeyCode::Tab => {
                let text = prompt.text.clone();
                let completed = completed(&candidates(self, &text));
                self.prompt = Some(Prompt::new(Kind::Command, &completed.unwrap_or(text)));
            }
            KeyCode::Up | KeyCode::Down => {
                let back = if key.code == KeyCode::Up { 1 } else { -1 };
                let at = prompt.recalled.saturating_add_signed(back).min(self.history.len());
                prompt.recalled = at;
                let line = self.history.len().checked_sub(at).and_then(|at| self.history.get(at));
                prompt.text = line.cloned().unwrap_or_default();
            }
            _ if prompt.key(key) == Typed::Entered => {
                let text = prompt.text.trim().to_owned();
                self.prompt = None;
                return self.say_command(&text);
            }
            _ => {}
        }
        Vec::new()
    }

    fn sort_by(&mut self, word: &str) {
        let why = self.disabled(Cmd::Sort);
        let sorted = why.is_none() && self.list_mut(self.focus).sort_by(word);
        if !sorted {
            let why = why.unwrap_or_else(|| format!("no column begins with `{word}`"));
            self.say(why, Role::Warn);
        }
    }

    fn say_command(&mut self, text: &str) -> Vec<Effect> {
        if text.is_empty() {
            return Vec::new();
        }
        if self.history.last().map(String::as_str) != Some(text) {
            self.history.push(text.to_owned());
        }
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim();
        match (word, rest) {
            ("filter", text) => self.list_mut(self.focus).filter_by(text),
            ("theme", name) => match Palette::ALL.into_iter().find(|one| one.word() == name) {
                Some(palette) => self.theme.palette = palette,
                None => self.say(format!("the themes are {}", themes().join(", ")), Role::Warn),
            },
            // what a panic leaves on the terminal can only be tested with one; a release has no such word
            #[cfg(debug_assertions)]
            ("panic", "") => panic!("somebody asked for it"),
            ("sort", word) if !word.is_empty() => self.sort_by(word),
            ("seek", moment) => return self.play_from(moment),
            ("speed", speed) => return self.play_at(speed),
            (word, "") => match WORDS.iter().find(|(known, _)| *known == word) {
                Some((_, cmd)) => return self.command(*cmd),
                None => {
                    self.say(format!("there is no command `{word}`; tab lists them"), Role::Warn);
                }
            },
            (word, _) if WORDS.iter().any(|(known, _)| *known == word) => {
                self.say(format!("`{word}` takes nothing behind it"), Role::Warn);
            }
            (word, _) => {
                self.say(format!("there is no command `{word}`; tab lists them"), Role::Warn);
            }
        }
        Vec::new()
    }
}

/// The commands that begin with a text.
pub(super) fn candidates(ui: &UiState, text: &str) -> Vec<String> {
    let grid = ui.list(ui.focus).grid();
    let columns = grid.columns.iter().filter(|column| !grid.ordered && !column.title.is_empty());
    let sorts = columns.map(|column| format!("sort {}", column.title.to_lowercase()));
    let plays = ["seek ", "speed "].into_iter().filter(|_| ui.player.is_some());
    among(sorts.chain(plays.map(str::to_owned)), text)
}

fn among(more: impl Iterator<Item = String>, text: &str) -> Vec<String> {
    let words = WORDS.iter().map(|(word, _)| (*word).to_owned());
    let themes = themes().into_iter().map(|name| format!("theme {name}"));
    let all = words.chain(["filter ".to_owned()]).chain(themes).chain(more);
    all.filter(|word| word.starts_with(text)).collect()
}

fn themes() -> Vec<&'static str> {
    Palette::ALL.map(Palette::word).to_vec()
}

/// The text with what all candidates have in common.
fn completed(all: &[String]) -> Option<String> {
    let first = all.first()?;
    let common = |word: &String| {
        first
            .char_indices()
            .zip(word.chars())
            .find(|((_, one), two)| one != two)
            .map_or_else(|| first.len().min(word.len()), |((at, _), _)| at)
    };
    let length = all.iter().map(common).min()?;
    Some(first[..length].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_completes_as_far_as_it_is_certain() {
        let completed = |text| completed(&among(["sort delta".to_owned()].into_iter(), text));
        assert_eq!(completed("se").as_deref(), Some("sessions"));
        assert_eq!(completed("d").as_deref(), Some("di"));
        assert_eq!(completed("theme l").as_deref(), Some("theme light"));
        assert_eq!(completed("sort d").as_deref(), Some("sort delta"));
        assert_eq!(completed("x"), None);
    }
}

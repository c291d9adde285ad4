//! The key table: the only place that says which key means what. What a key does, the footer, the help and the list of
//! keys in the README come from it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::msg::Cmd;
use super::page::Page;
use super::playing;

/// A line of the key table.
#[derive(Debug)]
pub(super) struct Binding {
    /// The keys as a person reads them.
    pub(super) label: &'static str,
    codes: &'static [KeyCode],
    control: bool,
    /// What they mean.
    pub(super) cmd: Cmd,
    /// Where they mean it.
    pub(super) place: Place,
    /// What they ask before anything changes.
    pub(super) tier: Tier,
    /// One word for the footer; not there when empty.
    pub(super) hint: &'static str,
    /// One line for the help.
    pub(super) help: &'static str,
}

/// Where a key means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Everywhere.
    Any,
    /// Where rows stand below each other.
    Rows,
    /// On one page.
    On(Page),
    /// In a recorded run.
    Playing,
}

/// What is asked before anything changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    /// Nothing: it only shows.
    Look,
    /// What the step asks for: nothing, an enter, `yes` or a name.
    Step,
    /// The word `yes`.
    Yes,
    /// How to leave, while a run is driven.
    Leave,
}

/// The keys that are not of one page, in the order of the footer.
const GENERAL: &[Binding] = &[
    any(
        "?",
        &[KeyCode::Char('?'), KeyCode::F(1)],
        Cmd::Help,
        "show the keys of this page; there `/` searches",
    )
    .hint("help"),
    any(
        "n",
        &[KeyCode::Char('n')],
        Cmd::Next,
        "open the dialog of the next step; it never acts by itself",
    )
    .hint("next")
    .asks(Tier::Step),
    any("A", &[KeyCode::Char('A')], Cmd::Abort, "abort: open the dialog that undoes everything")
        .hint("abort")
        .asks(Tier::Yes),
    any("u", &[KeyCode::Char('u')], Cmd::Undo, "after a failure: open the dialog that undoes everything, back to the start")
        .hint("undo all")
        .asks(Tier::Yes),
    any(
        "a",
        &[KeyCode::Char('a')],
        Cmd::Arm,
        "arm: let the keys that change something do so, for a time",
    )
    .hint("arm")
    .asks(Tier::Yes),
    any(":", &[KeyCode::Char(':')], Cmd::CommandLine, "type a command; tab completes, up recalls")
        .hint("command"),
    any("1 .. 7", &[], Cmd::Page(Page::Overview), "show a page").hint("page"),
    any("1", &[KeyCode::Char('1')], Cmd::Page(Page::Overview), ""),
    any("2", &[KeyCode::Char('2')], Cmd::Page(Page::Rows), ""),
    any("3", &[KeyCode::Char('3')], Cmd::Page(Page::Extensions), ""),
    any("4", &[KeyCode::Char('4')], Cmd::Page(Page::Jobs), ""),
    any("5", &[KeyCode::Char('5')], Cmd::Page(Page::Sessions), ""),
    any("6", &[KeyCode::Char('6')], Cmd::Page(Page::Steps), ""),
    any("7", &[KeyCode::Char('7')], Cmd::Page(Page::Log), ""),
    any("tab", &[KeyCode::Tab], Cmd::Pane, "move to the next pane, and on to the next page")
        .hint("pane"),
    any("shift-tab", &[KeyCode::BackTab], Cmd::PaneBack, "the same backwards"),
    rows("j down", &[KeyCode::Char('j'), KeyCode::Down], Cmd::Down(1), "move down"),
    rows("k up", &[KeyCode::Char('k'), KeyCode::Up], Cmd::Down(-1), "move up"),
    rows("pgdn", &[KeyCode::PageDown], Cmd::HalfPages(2), "move down by a screen"),
    rows("pgup", &[KeyCode::PageUp], Cmd::HalfPages(-2), "move up by a screen"),
    rows("ctrl-d", &[KeyCode::Char('d')], Cmd::HalfPages(1), "move down by half a screen")
        .control(),
    rows("ctrl-u", &[KeyCode::Char('u')], Cmd::HalfPages(-1), "move up by half a screen").control(),
    rows("g home", &[KeyCode::Char('g'), KeyCode::Home], Cmd::Top, "to the first row"),
    rows(
        "G end",
        &[KeyCode::Char('G'), KeyCode::End],
        Cmd::Bottom,
        "to the last row, or to where the run is, and go with it",
    ),
    rows(
        "h left",
        &[KeyCode::Char('h'), KeyCode::Left],
        Cmd::Columns(-1),
        "scroll the columns to the left",
    ),
    rows(
        "l right",
        &[KeyCode::Char('l'), KeyCode::Right],
        Cmd::Columns(1),
        "scroll the columns to the right",
    ),
    rows("enter", &[KeyCode::Enter], Cmd::Details, "open what is known of the row").hint("details"),
    rows("/", &[KeyCode::Char('/')], Cmd::Filter, "filter the rows; `!` first turns it round")
        .hint("filter"),
    rows("s", &[KeyCode::Char('s')], Cmd::Sort, "sort by the next column, then backwards")
        .hint("sort"),
    rows("v", &[KeyCode::Char('v')], Cmd::Differences, "only what differs, or everything")
        .hint("differences"),
    any("+", &[KeyCode::Char('+')], Cmd::Zoom, "give the whole screen to this pane").hint("zoom"),
    any("_", &[KeyCode::Char('_')], Cmd::Unzoom, "take it back"),
    any(
        "p",
        &[KeyCode::Char('p')],
        Cmd::Freeze,
        "freeze the lists to read them, or let them go on; the header stays live",
    ),
    rows("y", &[KeyCode::Char('y')], Cmd::Copy, "copy the row to the terminal's clipboard"),
    any(
        "esc",
        &[KeyCode::Esc],
        Cmd::Close,
        "close the top layer, then the filter; it never leaves",
    ),
    any("ctrl-l", &[KeyCode::Char('l')], Cmd::Redraw, "draw everything anew").control(),
    any(
        "ctrl-z",
        &[KeyCode::Char('z')],
        Cmd::Suspend,
        "suspend; refused in a rehearsal, and while a step runs or writes are stopped",
    )
    .control(),
    any("q", &[KeyCode::Char('q')], Cmd::Quit, "leave the console")
        .hint("quit")
        .asks(Tier::Leave),
    any("ctrl-c", &[KeyCode::Char('c')], Cmd::Quit, "as q; twice within two seconds leaves without asking, and undoes everything while writes are stopped")
        .control()
        .asks(Tier::Leave),
];

/// A key that means something everywhere.
const fn any(
    label: &'static str,
    codes: &'static [KeyCode],
    cmd: Cmd,
    help: &'static str,
) -> Binding {
    let (place, tier) = (Place::Any, Tier::Look);
    Binding { label, codes, control: false, cmd, place, tier, hint: "", help }
}

const fn rows(
    label: &'static str,
    codes: &'static [KeyCode],
    cmd: Cmd,
    help: &'static str,
) -> Binding {
    Binding { place: Place::Rows, ..any(label, codes, cmd, help) }
}

/// A key of one page.
pub(super) const fn on(
    page: Page,
    label: &'static str,
    codes: &'static [KeyCode],
    cmd: Cmd,
    help: &'static str,
) -> Binding {
    Binding { place: Place::On(page), ..any(label, codes, cmd, help) }
}

/// A key of a recorded run.
pub(super) const fn playing(
    label: &'static str,
    codes: &'static [KeyCode],
    cmd: Cmd,
    help: &'static str,
) -> Binding {
    Binding { place: Place::Playing, ..any(label, codes, cmd, help) }
}

impl Binding {
    /// The same with its word for the footer.
    pub(super) const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// The same with what it asks.
    pub(super) const fn asks(self, tier: Tier) -> Self {
        Self { tier, ..self }
    }

    /// The same with the control key.
    pub(super) const fn control(self) -> Self {
        Self { control: true, ..self }
    }

    fn fits(&self, key: KeyEvent) -> bool {
        self.control == key.modifiers.contains(KeyModifiers::CONTROL)
            && self.codes.contains(&key.code)
    }
}

impl Place {
    /// The place in a word, for the help and the README.
    pub(super) fn word(self) -> String {
        match self {
            Self::Any => "everywhere".to_owned(),
            Self::Rows => "rows".to_owned(),
            Self::On(page) => page.title().to_lowercase(),
            Self::Playing => "replay".to_owned(),
        }
    }
}

impl Tier {
    /// The tier in a word, for the help and the README.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Look => "nothing",
            Self::Step => "what the step asks for",
            Self::Yes => "`yes`",
            Self::Leave => "how, while a run is driven",
        }
    }
}

/// All keys of a page: those of a recorded run where one is shown, its own, then those of everywhere. The first that fits counts.
pub(super) fn keys_of(page: Page, playing: bool) -> impl Iterator<Item = &'static Binding> {
    let first = if playing { playing::KEYS } else { &[] };
    first.iter().chain(page.face().keys()).chain(GENERAL)
}

/// What a key means on a page, where it means anything.
pub(super) fn command(key: KeyEvent, page: Page, playing: bool) -> Option<Cmd> {
    keys_of(page, playing).find(|binding| binding.fits(key)).map(|binding| binding.cmd)
}

/// A key as a person reads it.
pub(super) fn name(key: KeyEvent) -> String {
    let control = if key.modifiers.contains(KeyModifiers::CONTROL) { "ctrl-" } else { "" };
    match key.code {
        KeyCode::Char(' ') => format!("{control}space"),
        KeyCode::Char(letter) => format!("{control}{letter}"),
        other => format!("{control}{}", other.to_string().to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for page in Page::ALL {
            let keys: Vec<&Binding> = keys_of(page, false).collect();
            for (index, binding) in keys.iter().enumerate() {
                for other in &keys[index + 1..] {
                    let clash = binding.codes.iter().find(|code| other.codes.contains(code));
                    assert!(binding.control != other.control || clash.is_none(), "{clash:?}");
                }
            }
        }
    }

    #[test]
    fn the_readme_lists_every_key() {
        let own = Page::ALL.iter().flat_map(|page| page.face().keys());
        let mut table = String::from("| key | where | does | asks |\n|---|---|---|---|\n");
        for key in GENERAL.iter().chain(own).chain(playing::KEYS).filter(|key| !key.help.is_empty())
        {
            let (place, asks) = (key.place.word(), key.tier.word());
            writeln!(table, "| `{}` | {place} | {} | {asks} |", key.label, key.help).unwrap();
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let readme = std::fs::read_to_string(path).unwrap();
        let from = readme.find("| key | where |").unwrap();
        let to = from + readme[from..].find("\n\n").unwrap() + 1;
        if std::env::var_os("PGCUTOVER_BLESS").is_some() {
            let blessed = format!("{}{table}{}", &readme[..from], &readme[to..]);
            return std::fs::write(path, blessed).unwrap();
        }
        assert_eq!(
            readme[from..to],
            table,
            "PGCUTOVER_BLESS=1 writes the README's list of keys anew"
        );
    }
}

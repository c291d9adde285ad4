//! The key table: the only place that says which key means what. Help and footer are drawn from it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::msg::Cmd;

/// A line of the key table.
#[derive(Debug)]
pub(super) struct Binding {
    /// The keys as a person reads them.
    pub(super) label: &'static str,
    codes: &'static [KeyCode],
    control: bool,
    /// What they mean.
    pub(super) cmd: Cmd,
    /// One word for the footer; not there when empty.
    pub(super) hint: &'static str,
    /// One line for the help.
    pub(super) help: &'static str,
}

const PAGE: isize = 10;

/// All keys, in the order of the footer.
pub(super) const KEYS: &[Binding] = &[
    bind("?", &[KeyCode::Char('?'), KeyCode::F(1)], Cmd::Help, "help", "show these keys"),
    bind(
        "n",
        &[KeyCode::Char('n')],
        Cmd::Next,
        "next",
        "open the dialog of the next step; it never acts by itself",
    ),
    bind("A", &[KeyCode::Char('A')], Cmd::Abort, "abort", "open the dialog that undoes everything"),
    bind("tab", &[KeyCode::Tab], Cmd::Pane, "pane", "move to the next pane"),
    bind("shift-tab", &[KeyCode::BackTab], Cmd::PaneBack, "", "move to the pane before"),
    bind("k up", &[KeyCode::Char('k'), KeyCode::Up], Cmd::Up(1), "", "move up"),
    bind("j down", &[KeyCode::Char('j'), KeyCode::Down], Cmd::Up(-1), "", "move down"),
    bind("pgup", &[KeyCode::PageUp], Cmd::Up(PAGE), "", "move up by ten lines"),
    bind("pgdn", &[KeyCode::PageDown], Cmd::Up(-PAGE), "", "move down by ten lines"),
    bind("g home", &[KeyCode::Char('g'), KeyCode::Home], Cmd::Top, "", "to the first line"),
    bind(
        "G end",
        &[KeyCode::Char('G'), KeyCode::End],
        Cmd::Bottom,
        "",
        "to the last line, or where the run is",
    ),
    bind("esc", &[KeyCode::Esc], Cmd::Close, "", "close the top layer; it never leaves"),
    control("ctrl-l", &[KeyCode::Char('l')], Cmd::Redraw, "draw everything anew"),
    control("ctrl-c", &[KeyCode::Char('c')], Cmd::Quit, "as q"),
    bind("q", &[KeyCode::Char('q')], Cmd::Quit, "quit", "leave; while a run is driven it asks how"),
];

const fn bind(
    label: &'static str,
    codes: &'static [KeyCode],
    cmd: Cmd,
    hint: &'static str,
    help: &'static str,
) -> Binding {
    Binding { label, codes, control: false, cmd, hint, help }
}

const fn control(
    label: &'static str,
    codes: &'static [KeyCode],
    cmd: Cmd,
    help: &'static str,
) -> Binding {
    Binding { label, codes, control: true, cmd, hint: "", help }
}

/// What a key means, where it means anything.
pub(super) fn command(key: KeyEvent) -> Option<Cmd> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let fits = |binding: &&Binding| binding.control == control && binding.codes.contains(&key.code);
    KEYS.iter().find(fits).map(|binding| binding.cmd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for (index, binding) in KEYS.iter().enumerate() {
            for other in &KEYS[index + 1..] {
                let clash = binding.codes.iter().find(|code| other.codes.contains(code));
                assert!(binding.control != other.control || clash.is_none(), "{clash:?}");
            }
        }
    }
}

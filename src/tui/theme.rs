//! Styles by meaning, in one place. `ok` has no colour, so that green never means both passed and the side; and nothing
//! is said by colour alone: every role has a modifier or a word beside it.

use ratatui::style::{Color, Modifier, Style};

use crate::model::Side;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// As it comes, and passed.
    Plain,
    /// The side that serves.
    Serving,
    /// The side that does not.
    Candidate,
    /// Needs attention.
    Warn,
    /// Stands in the way.
    Fail,
    /// Is going on.
    Running,
    /// Less important.
    Muted,
    /// Where the keys go.
    Focus,
    /// The name of something.
    Title,
    /// Keys that change something are heard.
    Armed,
    /// Writes are stopped, and somebody waits for them.
    Stopped,
    /// The place is one where a mistake costs more.
    Protected,
}

/// A set of colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    /// For dark terminals, out of the sixteen colours that every terminal has.
    #[default]
    Default,
    /// For light terminals.
    Light,
    /// Told apart by brightness and on the axis from blue to orange, not from red to green.
    ColourBlind,
    /// No colours: bold, dim, underlined and reversed only.
    Mono,
}

impl Palette {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Default, Self::Light, Self::ColourBlind, Self::Mono];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Light => "light",
            Self::ColourBlind => "colour-blind",
            Self::Mono => "mono",
        }
    }
}

/// How meanings look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    /// The colours.
    pub(super) palette: Palette,
    /// Only ASCII characters are drawn.
    pub(super) ascii: bool,
}

impl Theme {
    /// The style of a meaning.
    pub(super) fn style(self, role: Role) -> Style {
        let style = match role {
            Role::Plain | Role::Candidate => Style::new(),
            Role::Serving | Role::Title | Role::Running => {
                Style::new().add_modifier(Modifier::BOLD)
            }
            Role::Warn => Style::new().add_modifier(Modifier::UNDERLINED),
            Role::Armed | Role::Stopped => {
                Style::new().add_modifier(Modifier::BOLD.union(Modifier::REVERSED))
            }
            Role::Protected => {
                Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
            }
            Role::Fail | Role::Focus => Style::new().add_modifier(Modifier::REVERSED),
            Role::Muted => Style::new().add_modifier(Modifier::DIM),
        };
        match self.colour(role) {
            Some(colour) => style.fg(colour),
            None => style,
        }
    }

    /// The style of a side's numbers.
    pub(super) fn side(self, side: Side, serving: Option<Side>) -> Style {
        self.style(if serving == Some(side) { Role::Serving } else { Role::Candidate })
    }

    /// The mark of a text that was cut.
    pub(super) const fn cut(self) -> &'static str {
        if self.ascii { "~" } else { "…" }
    }

    const fn colour(self, role: Role) -> Option<Color> {
        let [serving, candidate, warn, fail] = match self.palette {
            Palette::Default => [Color::LightBlue, Color::Cyan, Color::Yellow, Color::LightRed],
            // dark enough for white: each has a contrast of 4.5 and more against it
            Palette::Light => {
                [Color::Indexed(25), Color::Indexed(23), Color::Indexed(94), Color::Indexed(124)]
            }
            Palette::ColourBlind => {
                [Color::Indexed(75), Color::Indexed(152), Color::Indexed(214), Color::Indexed(201)]
            }
            Palette::Mono => return None,
        };
        match role {
            Role::Serving | Role::Running => Some(serving),
            Role::Candidate => Some(candidate),
            Role::Warn | Role::Armed | Role::Stopped => Some(warn),
            Role::Fail | Role::Protected => Some(fail),
            Role::Plain | Role::Muted | Role::Focus | Role::Title => None,
        }
    }
}

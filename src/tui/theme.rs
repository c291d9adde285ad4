//! Styles by meaning, in one place. `ok` has no colour, so that green never means both passed and the side.

use ratatui::style::{Color, Modifier, Style};

use crate::model::Side;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// As it comes.
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
}

/// How meanings look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    /// Colours are used.
    pub(super) colour: bool,
    /// Only ASCII characters are drawn.
    pub(super) ascii: bool,
}

impl Theme {
    /// The style of a meaning. Without colours it holds modifiers only.
    pub(super) fn style(self, role: Role) -> Style {
        let style = Style::new();
        let modifier = match role {
            Role::Plain | Role::Candidate => return self.paint(style, role),
            Role::Serving | Role::Title | Role::Running => Modifier::BOLD,
            Role::Warn => Modifier::UNDERLINED,
            Role::Fail | Role::Focus => Modifier::REVERSED,
            Role::Muted => Modifier::DIM,
        };
        self.paint(style.add_modifier(modifier), role)
    }

    fn paint(self, style: Style, role: Role) -> Style {
        if !self.colour {
            return style;
        }
        match role {
            Role::Serving | Role::Running => style.fg(Color::LightBlue),
            Role::Candidate => style.fg(Color::Cyan),
            Role::Warn => style.fg(Color::Yellow),
            Role::Fail => style.fg(Color::LightRed),
            Role::Plain | Role::Muted | Role::Focus | Role::Title => style,
        }
    }

    /// The style of a side's numbers.
    pub(super) fn side(self, side: Side, serving: Option<Side>) -> Style {
        self.style(if serving == Some(side) { Role::Serving } else { Role::Candidate })
    }
}

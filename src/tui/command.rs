//! What a key's command does to the state.

use super::arming::Arming;
use super::dialog::{Dialog, Kind};
use super::layer::{Details, Help};
use super::layout::places;
use super::msg::{Cmd, Effect};
use super::page::Page;
use super::prompt::{self, Prompt};
use super::state::UiState;
use super::theme::Role;
use super::view;
use crate::model::{Move, StepId, choices};
use ratatui::layout::Rect;

impl UiState {
    pub(super) fn command(&mut self, cmd: Cmd) -> Vec<Effect> {
        if let Some(why) = self.disabled(cmd) {
            self.say(why, Role::Muted);
            if let Some(step) = self.held_step().filter(|_| cmd == Cmd::Next) {
                self.open(Kind::Held { step });
            }
            return Vec::new();
        }
        if self.is_too_small() && !cmd.works_at_every_size() {
            self.say("not shown at this size: make the terminal larger", Role::Muted);
            return Vec::new();
        }
        if self.details.is_some() && self.command_in_details(cmd) {
            return Vec::new();
        }
        let focus = self.focus;
        match cmd {
            Cmd::Next => self.open_next(),
            Cmd::Abort => self.open(self.abort_dialog()),
            Cmd::Undo => {
                if let Some(step) = self.failed_step() {
                    self.open(Kind::Undo { step });
                }
            }
            Cmd::Arm => self.open(Kind::Arm),
            Cmd::Disarm => self.disarm(),
            Cmd::CommandLine => self.prompt = Some(Prompt::new(prompt::Kind::Command, "")),
            Cmd::Freeze => {
                self.frozen = if self.frozen.is_some() { None } else { Some(self.now) };
            }
            Cmd::Copy => return self.copy(),
            Cmd::Suspend => return vec![Effect::Suspend],
            Cmd::Help => self.help = Some(Help::default()),
            Cmd::Quit => return self.quit(),
            Cmd::Close => self.close(),
            Cmd::Page(page) => self.show(page),
            Cmd::Pane => self.move_focus(true),
            Cmd::PaneBack => self.move_focus(false),
            Cmd::Down(rows) => self.list_mut(focus).step(rows),
            Cmd::HalfPages(count) => {
                let half = self.rows_seen(focus) / 2;
                self.list_mut(focus).step(count * half.max(1));
            }
            Cmd::Top => self.list_mut(focus).top(),
            Cmd::Bottom => self.list_mut(focus).bottom(),
            Cmd::Columns(by) => self.list_mut(focus).scroll_columns(by),
            Cmd::Details => self.open_details(),
            Cmd::FollowLog => self.follow_log(),
            Cmd::Zoom => self.zoomed = true,
            Cmd::Unzoom => self.zoomed = false,
            Cmd::Filter => {
                let text = self.list(focus).filter().to_owned();
                self.prompt = Some(Prompt::new(prompt::Kind::Filter(focus), &text));
            }
            Cmd::Sort => self.list_mut(focus).sort_next(),
            Cmd::Differences => self.list_mut(focus).toggle_differences(),
            Cmd::Play(play) => return self.play(play),
            Cmd::Redraw => return vec![Effect::Clear],
            Cmd::Log(_) => return focus.face().act(self, cmd),
        }
        self.outdated |= matches!(cmd, Cmd::Page(_) | Cmd::Pane | Cmd::PaneBack | Cmd::Unzoom);
        Vec::new()
    }

    pub(super) fn open(&mut self, kind: Kind) {
        self.dialog = Some(Dialog::new(kind, self.now));
    }

    /// The dialog that undoes everything. Past the point of no return nothing can be undone: it ends the run, and takes the
    /// name of the profile.
    pub(super) fn abort_dialog(&self) -> Kind {
        let past = self.state.past_return;
        Kind::Abort { wanted: if past { self.runbook.name.clone() } else { "yes".to_owned() } }
    }

    fn disarm(&mut self) {
        if self.state.writes_stopped_at.is_some() && self.is_armed() {
            self.say("still armed: writes are stopped, and `A` must be one key away", Role::Warn);
        } else if self.is_armed() {
            self.arming = Arming::Safe;
            let running = self.running();
            if running.is_empty() {
                self.say("safe: no dialog changes anything until `a` arms again", Role::Plain);
            } else {
                let text = format!(
                    "safe: nothing more is answered, but still runs: {}",
                    running.join(", ")
                );
                self.say(text, Role::Warn);
            }
        }
    }

    fn copy(&mut self) -> Vec<Effect> {
        let Some(row) = self.list(self.focus).selected() else { return Vec::new() };
        let text = self.focus.face().copies(self, &row.key);
        self.say(
            format!("sent to the clipboard of the terminal, where it takes that: {text}"),
            Role::Muted,
        );
        vec![Effect::Copy(text)]
    }

    /// Shows a page; what lay over the one before is closed.
    pub(super) fn show(&mut self, page: Page) {
        if self.page == Page::Log && page != Page::Log {
            // the lines of it that stand on the overview are to tell what happens now
            self.list_mut(Page::Log).bottom();
        }
        self.page = page;
        self.focus = page;
        self.details = None;
        self.zoomed = false;
    }

    fn command_in_details(&mut self, cmd: Cmd) -> bool {
        // twice the half is less than what is seen: no line is left out
        let height = isize::try_from(view::seen(self).saturating_sub(1) / 2).unwrap_or(1).max(1);
        let by = match cmd {
            Cmd::Down(rows) => rows,
            Cmd::HalfPages(count) => count * height,
            Cmd::Top => isize::MIN,
            Cmd::Bottom | Cmd::FollowLog => isize::MAX,
            Cmd::Details | Cmd::Filter | Cmd::Sort | Cmd::Differences | Cmd::Columns(_) => 0,
            _ => return false,
        };
        self.scroll_details(by);
        true
    }

    pub(super) fn scroll_details(&mut self, by: isize) {
        let (overflow, has_log) = (view::overflow(self), self.looks_at().log.is_some());
        if let Some(details) = &mut self.details {
            details.scroll_by(by, overflow, has_log);
        }
    }

    /// Closes the top layer.
    fn close(&mut self) {
        let filtered = !self.list(self.focus).filter().is_empty();
        match () {
            () if self.details.take().is_some() => {}
            () if self.toast.take().is_some() => {}
            () if filtered => self.list_mut(self.focus).filter_by(""),
            () => self.zoomed = false,
        }
    }

    fn move_focus(&mut self, forward: bool) {
        let (width, height) = self.size;
        let places = places(self, Rect::new(0, 0, width, height));
        let panes: Vec<Page> =
            places.iter().flat_map(super::layout::Places::lists).map(|(page, _)| page).collect();
        let at = panes.iter().position(|page| *page == self.focus).unwrap_or(0);
        let beside = if forward { at.checked_add(1) } else { at.checked_sub(1) };
        self.details = None;
        match beside.and_then(|at| panes.get(at)) {
            Some(pane) => self.focus = *pane,
            None if forward => self.show(self.page.next()),
            None => self.show(self.page.before()),
        }
    }

    /// Moves the focus to the pane and the row at a place of the screen.
    pub(super) fn point(&mut self, column: u16, line: u16) {
        let Some((page, area)) = self.pane_at(column, line) else { return };
        self.focus = page;
        let heads = self.list(page).grid().columns.iter().any(|head| !head.title.is_empty());
        let above = area.y + 1 + u16::from(heads);
        if let Some(row) = line.checked_sub(above) {
            self.list_mut(page).point(row.into());
        }
    }

    /// The page whose name stands at a place of the screen.
    pub(super) fn tab_at(&self, column: u16, line: u16) -> Option<Page> {
        let places = places(self, Rect::new(0, 0, self.size.0, self.size.1))?;
        places.tabs.contains((column, line).into()).then(|| view::page_at(column))?
    }

    /// The list at a place of the screen.
    pub(super) fn pane_at(&self, column: u16, line: u16) -> Option<(Page, Rect)> {
        let places = places(self, Rect::new(0, 0, self.size.0, self.size.1))?;
        places.lists().find(|(_, area)| area.contains((column, line).into()))
    }

    fn rows_seen(&self, page: Page) -> isize {
        let (width, height) = self.size;
        let places = places(self, Rect::new(0, 0, width, height));
        let area = places.and_then(|places| places.lists().find(|(shown, _)| *shown == page));
        let rows = area.map_or(10, |(page, area)| super::layout::rows_in(self, page, area));
        isize::try_from(rows).unwrap_or(10)
    }

    fn open_details(&mut self) {
        let chosen = self.list(self.focus).selected().filter(|row| !row.heading);
        let row = chosen.map(|row| row.key.clone());
        if let Some(row) = row {
            self.details = Some(Details { page: self.focus, row, scroll: 0, follows: false });
        } else {
            self.say("no row is chosen of which more is known", Role::Muted);
        }
    }

    /// Opens the details of a row, if they are not open, at their end.
    fn follow_log(&mut self) {
        self.open_details();
        if let Some(details) = &mut self.details {
            details.follows = true;
        }
    }

    fn open_next(&mut self) {
        let kind = self.moves().into_iter().find_map(|open| match open {
            Move::AwaitAnswer(step) => self.confirmation(step),
            Move::AwaitDecision(step) | Move::AwaitStep(step) | Move::Check(step) => {
                let choices = self.runbook.step(&step).map(|step| choices(step, &self.state));
                let choices = choices.filter(|choices| !choices.is_empty())?;
                Some(Kind::Decide { step, choices })
            }
            _ => None,
        });
        if let Some(kind) = kind {
            self.open(kind);
        }
    }

    fn confirmation(&self, step: StepId) -> Option<Kind> {
        let asked = self.state.step(&step).asked?;
        let known = self.runbook.step(&step)?;
        let (confirm, begins) = (self.state.asks(known), self.state.begins_with(known));
        Some(Kind::Confirm { step, confirm, asked, begins })
    }
}

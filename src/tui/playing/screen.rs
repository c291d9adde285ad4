//! The playhead and the state of the screen.

use std::time::Duration;

use jiff::Timestamp;

use super::keys::Play;
use super::player::{Player, Turn};
use crate::model::{NotAMoment, RunState};
use crate::session::Playback;
use crate::tui::msg::Effect;
use crate::tui::pace::Pace;
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::trend::Trends;

impl UiState {
    /// Takes a recorded run in, and shows where it begins.
    pub(in crate::tui) fn play_back(&mut self, playback: Playback) {
        let (player, turn) = Player::new(playback);
        self.player = Some(player);
        self.observed = crate::model::unrecorded();
        self.turn(turn);
    }

    /// Time passes in a recorded run.
    pub(in crate::tui) fn play_on(&mut self, wall: Timestamp) -> Vec<Effect> {
        let turn = self.player.as_mut().map(|player| player.tick(wall)).unwrap_or_default();
        self.turn(turn)
    }

    /// Does what a key of a recorded run means.
    pub(in crate::tui) fn play(&mut self, play: Play) -> Vec<Effect> {
        let Some(player) = &mut self.player else { return Vec::new() };
        let turn = match play {
            Play::Pause => {
                player.paused = !player.paused;
                return Vec::new();
            }
            Play::Slower | Play::Faster => {
                player.hurry(play == Play::Faster);
                return Vec::new();
            }
            Play::Back => player.back(),
            Play::Forward => player.forward(),
        };
        self.turn(turn)
    }

    /// Goes to the moment that was typed.
    pub(in crate::tui) fn play_from(&mut self, moment: &str) -> Vec<Effect> {
        let Some(player) = &mut self.player else { return self.no_recording() };
        if let Ok(moment) = moment.parse() {
            let turn = player.seek(moment);
            return self.turn(turn);
        }
        self.say(NotAMoment.to_string(), Role::Warn);
        Vec::new()
    }

    /// Plays at the speed that was typed.
    pub(in crate::tui) fn play_at(&mut self, speed: &str) -> Vec<Effect> {
        let Some(player) = &mut self.player else { return self.no_recording() };
        match speed.trim_end_matches('x').parse() {
            Ok(speed) if (0.01..=1000.0).contains(&speed) => player.speed = speed,
            _ => self.say("a speed from 0.01 to 1000 is asked for", Role::Warn),
        }
        Vec::new()
    }

    fn no_recording(&mut self) -> Vec<Effect> {
        self.say("only a recorded run can be played: `pgcutover replay`", Role::Warn);
        Vec::new()
    }

    /// Where the playhead is and what it does, for the header.
    pub(in crate::tui) fn playing(&self) -> Option<String> {
        let player = self.player.as_ref()?;
        let (at, whole) = player.place();
        let pace = match () {
            () if player.paused => "paused".to_owned(),
            () if player.is_over() => "ended".to_owned(),
            () => format!("{}x", player.speed),
        };
        Some(format!("{pace} {}/{}", minutes(at), minutes(whole)))
    }

    fn turn(&mut self, turn: Turn) -> Vec<Effect> {
        let Some(player) = self.player.take() else { return Vec::new() };
        if turn.anew {
            self.state = RunState::new(&self.runbook);
            self.log.clear();
            (self.pace, self.trends) = (Pace::default(), Trends::default());
        }
        let events = &player.events()[turn.events.clone()];
        for event in events {
            self.take(event);
        }
        let edge = events.iter().rev().find(|event| event.kind.is_edge());
        let mark = edge.map(|event| Effect::Mark(event.kind.to_string()));
        self.now = player.now();
        self.outdated |= turn.anew || !events.is_empty() || turn.observed.is_some();
        if let Some(observed) = turn.observed {
            self.pace.see(&observed);
            self.trends.take(&observed);
            self.observed = observed;
        }
        self.player = Some(player);
        mark.into_iter().collect()
    }
}

/// `02:10`, or `1:02:03`.
fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

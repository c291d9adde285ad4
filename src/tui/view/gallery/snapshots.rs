//! What each scene says and means.

use std::fmt::Write as _;

use super::super::undoing;
use super::frames::{ROLES, SIZES, drawn, meanings, plainly, written};
use super::recorded;
use super::scenes::{SCENES, below};
use crate::model::{EventKind, Undo};
use crate::tui::theme::{Palette, Theme};

macro_rules! held {
    ($folder:literal, $name:expr, $text:expr) => {
        insta::with_settings!({ snapshot_path => concat!("../../../../tests/fixtures/screens/", $folder), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn every_scene_says_this_at_each_size() {
    for (name, scene) in SCENES {
        let mut ui = scene();
        let mut under = below(*scene);
        let text = SIZES.into_iter().fold(String::new(), |mut all, size| {
            let under = under.as_mut().map(|under| plainly(under, size));
            let text = written(&plainly(&mut ui, size), under.as_ref());
            writeln!(all, "=== {}x{}\n{text}", size.0, size.1).unwrap();
            all
        });
        held!("says", *name, text);
    }
}

#[test]
fn every_scene_means_this() {
    let theme = Theme { palette: Palette::Default, ascii: false };
    let size = (80, 24);
    for (name, scene) in SCENES {
        let under = below(*scene).map(|mut under| drawn(&mut under, size, theme));
        held!("means", *name, meanings(&drawn(&mut scene(), size, theme), under.as_ref(), theme));
    }
}

#[test]
fn every_step_says_how_it_is_undone() {
    let start = recorded::run("done", |kind| matches!(kind, EventKind::RunStarted { .. }));
    let end = recorded::run("done", |kind| matches!(kind, EventKind::RunFinished { .. }));
    let mut text = String::new();
    for (moment, ui) in [("before", recorded::seen(start, "synced")), ("after", end)] {
        for (_, step) in ui.runbook.steps().filter(|(_, step)| step.undo != Undo::Nothing) {
            let (brief, sentence) = (undoing::brief(&ui, step), undoing::sentence(&ui, step));
            writeln!(text, "{moment} {}: {brief}\n    {sentence}", step.id).unwrap();
        }
    }
    held!("", "undoing", text);
}

#[test]
fn a_meaning_looks_like_this_in_each_theme() {
    let mut text = String::new();
    for palette in Palette::ALL {
        writeln!(text, "=== {}", palette.word()).unwrap();
        for (role, name) in ROLES {
            let style = Theme { palette, ascii: false }.style(role);
            let colour = style.fg.map_or_else(String::new, |colour| colour.to_string());
            writeln!(text, "{name:<10} {colour:<12} {:?}", style.add_modifier).unwrap();
        }
    }
    held!("", "themes", text);
}

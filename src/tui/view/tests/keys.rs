//! What keys say: their list, the line behind the colon.

use ratatui::crossterm::event::KeyCode;

use super::{asked, press, screen, state, typed};
use crate::model::Confirm;
use crate::tui::layer::Help;
use crate::tui::page::Page;
use crate::tui::theme::Palette;

#[test]
fn letters_scroll_the_keys_until_a_search_begins() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed("?"));
    screen(&mut ui, 80, 24);
    press(&mut ui, &typed("jjk"));
    assert_eq!(ui.help, Some(Help { scroll: 1, ..Help::default() }));
    press(&mut ui, &typed("n"));
    assert_eq!((&ui.dialog, ui.help.is_some()), (&None, true));
    press(&mut ui, &typed("/just"));
    press(&mut ui, &[KeyCode::Enter]);
    let text = screen(&mut ui, 80, 24);
    assert!(text.contains("search: just, esc clears it") && text.contains("no key does"), "{text}");
    press(&mut ui, &[KeyCode::Esc]);
    assert_eq!(ui.help, Some(Help::default()));
    press(&mut ui, &[KeyCode::Esc]);
    assert_eq!(ui.help, None);
}

#[test]
fn paging_through_the_keys_leaves_none_out() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &[KeyCode::Char('?')]);
    for (width, height) in [(40, 10), (60, 15), (80, 24), (120, 36)] {
        let mut all = String::new();
        ui.help.as_mut().unwrap().scroll = 0;
        for _ in 0..60 {
            all.push_str(&screen(&mut ui, width, height));
            press(&mut ui, &[KeyCode::PageDown]);
        }
        for word in ["everywhere", "show the keys", "next step", "after a failure", "ctrl-c"] {
            assert!(all.contains(word), "{word} at {width}x{height}");
        }
    }
}

#[test]
fn a_key_without_a_meaning_says_so() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed("x"));
    assert_eq!(ui.toast.as_ref().unwrap().text, "`x` has no meaning here; ? lists the keys");
}

#[test]
fn the_line_behind_the_colon_says_what_keys_say() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed(":se"));
    press(&mut ui, &[KeyCode::Tab, KeyCode::Enter]);
    assert_eq!(ui.page, Page::Sessions);
    press(&mut ui, &typed(":theme light"));
    press(&mut ui, &[KeyCode::Enter]);
    assert_eq!(ui.theme.palette, Palette::Light);
    press(&mut ui, &typed(":"));
    press(&mut ui, &[KeyCode::Up, KeyCode::Up]);
    assert_eq!(ui.prompt.as_ref().unwrap().text, "sessions");
    press(&mut ui, &[KeyCode::Esc]);
    press(&mut ui, &typed(":disarm"));
    press(&mut ui, &[KeyCode::Enter]);
    assert!(!ui.is_armed());
}

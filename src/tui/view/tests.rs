//! What keys, clicks and time do. The state is folded from events; the clock is a message.

mod last;
mod look;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::draw;
use crate::model::sample::{events, runbook};
use crate::model::{
    Answer, Command, Confirm, CountMethod, EventKind, Evidence, Failure, FailureKind, Fix,
    Judgement, Observed, Reading, RunId, Runbook, Seq, Side, SideView, TableView, Tables, When,
};
use crate::session::SessionMode;
use crate::tui::acts::{Act, Acts, Call};
use crate::tui::msg::{Cmd, Effect, Msg};
use crate::tui::page::Page;
use crate::tui::state::{Opening, UiState};
use crate::tui::theme::{Palette, Theme};
use crate::tui::update::update;

pub(super) fn second(n: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(n)
}

fn side(version: &str, rows: u64) -> SideView {
    let fresh = |at| move |value| Reading::Fresh { value, at };
    let tables = [("public.tasks", rows), ("public.sprints", 12)]
        .map(|(name, rows)| (name, TableView::counted(rows, CountMethod::Exact, second(9))));
    SideView {
        version: Reading::Fresh { value: version.to_owned(), at: second(8) },
        clients: fresh(second(8))(rows % 7),
        tables: Reading::Fresh { value: Tables::from_iter(tables).into(), at: second(9) },
        pods: Reading::Stale { value: (1, 1), at: second(1), why: Some("the watch ended".into()) },
        ..SideView::default()
    }
}

pub(super) fn state(done: &[&str], last: EventKind) -> UiState {
    state_of(&Arc::new(runbook()), done, last)
}

pub(super) fn state_of(book: &Arc<Runbook>, done: &[&str], last: EventKind) -> UiState {
    let mut ui = UiState::new(Opening {
        playback: None,
        run: RunId::from("orders-1"),
        mode: SessionMode::Rehearsal,
        place: "lab/orders".to_owned(),
        controls: true,
        protected: false,
        acts: Acts::default(),
        last: None,
        theme: Theme { palette: Palette::Mono, ascii: true },
        runbook: Arc::clone(book),
        now: second(0),
    });
    for event in events(book, done, last) {
        update(&mut ui, Msg::Event(Box::new(event)));
    }
    let observed = Observed {
        blue: side("16.14", 48_201),
        green: side("18.4", 48_150),
        serving: Reading::Fresh { value: Some(Side::Blue), at: second(9) },
        ..Observed::default()
    };
    update(&mut ui, Msg::Observed(Box::new(observed)));
    update(&mut ui, Msg::Tick(second(12)));
    ui
}

fn judgement(opening: crate::model::Opening) -> Judgement {
    Judgement {
        gate: "rows-equal".into(),
        opening,
        evidence: Evidence {
            summary: "public.tasks: blue 48,201, green 48,150".into(),
            source: "select count(*)".into(),
            at: second(10),
            details: Vec::new(),
        },
        fix: Some(Fix { title: "sync again".into(), command: None, mend: None }),
    }
}

pub(super) fn held() -> EventKind {
    let judgements = vec![judgement(crate::model::Opening::Held)];
    EventKind::GateHeld { step: "switch".into(), when: When::Before, judgements }
}

pub(super) fn asked(step: &str, confirm: Confirm) -> EventKind {
    EventKind::ConfirmationAsked { step: step.into(), confirm }
}

pub(super) fn screen(ui: &mut UiState, width: u16, height: u16) -> String {
    update(ui, Msg::Frame { width, height });
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, ui)).unwrap();
    let buffer = terminal.backend().buffer();
    (0..height).fold(String::new(), |mut text, y| {
        let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        writeln!(text, "{}", row.trim_end()).unwrap();
        text
    })
}

pub(super) fn press(ui: &mut UiState, codes: &[KeyCode]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for code in codes {
        update(ui, Msg::Drawn);
        effects.extend(update(ui, Msg::Key(KeyEvent::new(*code, KeyModifiers::NONE))));
    }
    effects
}

pub(super) fn typed(text: &str) -> Vec<KeyCode> {
    text.chars().map(KeyCode::Char).collect()
}

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ snapshot_path => "../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn a_name_is_confirmed_by_typing_it() {
    let mut ui = state(&["prepare", "stop"], asked("switch", Confirm::Name("orders-db".into())));
    let number = ui.state.seq;
    assert_eq!(press(&mut ui, &[KeyCode::Char('n')]), []);
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), [], "enter in an empty field does nothing");
    assert_eq!(press(&mut ui, &typed("orders-d")), []);
    update(&mut ui, Msg::Drawn);
    let effects = press(&mut ui, &[KeyCode::Char('b'), KeyCode::Enter]);
    let answer = Answer::Typed("orders-db".into());
    let command = Command::Answer { step: "switch".into(), answer, asked: number };
    assert_eq!(effects, [Effect::Send(command)]);
    assert_eq!(ui.dialog, None);
}

#[test]
fn neither_a_paste_nor_typed_ahead_keys_confirm() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    for code in [
        KeyCode::Char('n'),
        KeyCode::Char('y'),
        KeyCode::Char('e'),
        KeyCode::Char('s'),
        KeyCode::Enter,
    ] {
        let effects = update(&mut ui, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        assert_eq!(effects, [], "typed before the dialog was drawn");
    }
    assert_eq!(ui.dialog.as_ref().unwrap().typed, "");
    update(&mut ui, Msg::Pasted);
    assert_eq!(
        ui.dialog.as_ref().unwrap().note.as_deref(),
        Some("pasted text is not taken: type it")
    );
    update(&mut ui, Msg::Drawn);
    for code in [KeyCode::Char('y'), KeyCode::Char('e'), KeyCode::Char('s'), KeyCode::Enter] {
        let effects = update(&mut ui, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        assert_eq!(effects, [], "all within one frame");
    }
    assert!(ui.dialog.is_some());
}

#[test]
fn enter_alone_cancels_where_enter_is_asked_for() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    let dialog = crate::tui::dialog::Kind::Confirm {
        step: "stop".into(),
        confirm: Confirm::Enter,
        asked: Seq(3),
        begins: false,
    };
    ui.dialog = Some(crate::tui::dialog::Dialog::new(dialog.clone(), ui.now));
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), []);
    assert_eq!(ui.dialog, None);
    ui.dialog = Some(crate::tui::dialog::Dialog::new(dialog, ui.now));
    let effects = press(&mut ui, &[KeyCode::Tab, KeyCode::Enter]);
    let answer = Command::Answer { step: "stop".into(), answer: Answer::Enter, asked: Seq(3) };
    assert_eq!(effects, [Effect::Send(answer)]);
}

#[test]
fn a_failure_offers_what_can_be_done() {
    let failure = Failure::new(FailureKind::Other, "the pod was killed");
    let mut ui = state(&["prepare"], EventKind::StepFailed { step: "stop".into(), failure });
    press(&mut ui, &[KeyCode::Char('n')]);
    assert_eq!(ui.dialog.as_ref().unwrap().buttons(), ["Cancel", "Retry", "Undo all"]);
}

#[test]
fn a_dialog_expires_and_does_nothing() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &[KeyCode::Char('n')]);
    update(&mut ui, Msg::Tick(second(80)));
    assert_eq!(ui.dialog, None);
    assert_eq!(ui.toast.unwrap().text, "the dialog expired; nothing was done");
}

#[test]
fn leaving_a_driven_run_asks_how() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    assert_eq!(press(&mut ui, &[KeyCode::Char('q')]), []);
    let effects = press(&mut ui, &[KeyCode::Tab, KeyCode::Enter]);
    let stop = Command::Stop { reason: crate::model::StopReason::Detached };
    assert_eq!(effects, [Effect::Send(stop)]);
    assert_eq!(update(&mut ui, Msg::Ended), [Effect::Leave]);
}

#[test]
fn leaving_while_writes_are_stopped_undoes_everything_and_takes_a_yes() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &[KeyCode::Char('q'), KeyCode::Tab, KeyCode::Enter]);
    assert!(ui.dialog.is_some(), "an enter alone undoes nothing");
    snapshot!("leave-stopped-80x24", screen(&mut ui, 80, 24));
    let effects = press(&mut ui, &[typed("yes"), vec![KeyCode::Enter]].concat());
    let stop = Command::Stop { reason: crate::model::StopReason::Detached };
    assert_eq!(effects, [Effect::Send(stop)]);
}

#[test]
fn a_question_of_how_to_leave_closes_when_the_answer_would_do_something_else() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &[KeyCode::Char('q')]);
    let after = ui.state.seq.0;
    let start = [
        EventKind::Confirmed { step: "stop".into(), by: "alice".into() },
        EventKind::StepStarted { step: "stop".into(), attempt: 1, before: serde_json::Value::Null },
    ];
    for (kind, seq) in start.into_iter().zip(after + 1..) {
        update(&mut ui, Msg::Event(Box::new(crate::model::sample::at(seq, kind))));
    }
    assert_eq!(ui.dialog, None, "detaching would now undo everything");
}

#[test]
fn a_safe_session_refuses_until_it_is_armed_and_falls_back() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    ui.mode = SessionMode::Run;
    ui.arming = ui.first_arming();
    assert_eq!(ui.badge(), "[RW safe]");
    assert_eq!(press(&mut ui, &[KeyCode::Char('n'), KeyCode::Char('A'), KeyCode::Char('u')]), []);
    assert_eq!(ui.dialog, None);
    assert_eq!(ui.disabled(Cmd::Next).as_deref(), Some("safe: `a` arms"));
    press(&mut ui, &[KeyCode::Char('a'), KeyCode::Char('y'), KeyCode::Char('e')]);
    press(&mut ui, &[KeyCode::Char('s'), KeyCode::Enter]);
    assert_eq!((ui.badge().as_str(), &ui.dialog), ("[RW armed]", &None));
    assert_eq!(ui.disabled(Cmd::Next), None);
    update(&mut ui, Msg::Tick(second(12 + 3599)));
    assert!(ui.is_armed());
    update(&mut ui, Msg::Tick(second(12 + 3600)));
    assert_eq!(ui.badge(), "[RW safe]");
}

#[test]
fn while_writes_are_stopped_it_stays_armed() {
    let mut ui = state(&["prepare", "stop"], held());
    update(&mut ui, Msg::Tick(second(100_000)));
    assert!(ui.is_armed());
    assert_eq!(ui.disabled(Cmd::Abort), None);
}

#[test]
fn an_undo_is_previewed_and_takes_a_yes() {
    let failure = Failure::new(FailureKind::Other, "the pod was killed");
    let mut ui = state(&["prepare"], EventKind::StepFailed { step: "stop".into(), failure });
    press(&mut ui, &[KeyCode::Char('n'), KeyCode::Tab, KeyCode::Tab, KeyCode::Enter]);
    press(&mut ui, &typed("yes"));
    let undo = Command::Decide { step: "stop".into(), decision: crate::model::Decision::Undo };
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), [Effect::Send(undo)]);
}

#[test]
fn past_the_point_of_no_return_nothing_promises_an_undo() {
    let failure = Failure::new(FailureKind::Other, "the pod was killed");
    let failed = EventKind::StepFailed { step: "switch".into(), failure };
    let mut ui = state(&["prepare", "stop"], failed);
    press(&mut ui, &[KeyCode::Char('u')]);
    assert_eq!(
        ui.toast.as_ref().unwrap().text,
        "past the point of no return nothing can be undone; `n` offers for switch: retry"
    );
    press(&mut ui, &[KeyCode::Char('A')]);
    snapshot!("abort-past-return-80x24", screen(&mut ui, 80, 24));
}

#[test]
fn a_long_dialog_scrolls_and_its_field_stays() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    let call = |n| format!("blue: SELECT {n}");
    let runs = (1..=40).map(|n| Call { line: call(n), whole: call(n) }).collect();
    ui.acts.insert("stop".into(), Act { runs, undoes: Vec::new() });
    press(&mut ui, &[KeyCode::Char('n')]);
    snapshot!("long-60x15", screen(&mut ui, 60, 15));
    press(&mut ui, &[KeyCode::PageDown, KeyCode::PageDown]);
    snapshot!("long-scrolled-60x15", screen(&mut ui, 60, 15));
}

#[test]
fn paging_through_a_dialog_leaves_no_line_out() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    let call = |n| format!("blue: SELECT {n} FROM t");
    let runs = (1..=40).map(|n| Call { line: call(n), whole: call(n) }).collect();
    ui.acts.insert("stop".into(), Act { runs, undoes: Vec::new() });
    press(&mut ui, &[KeyCode::Char('n')]);
    for (width, height) in [(60, 15), (80, 24), (120, 36)] {
        let mut all = String::new();
        ui.dialog.as_mut().unwrap().scroll = 0;
        for _ in 0..40 {
            all.push_str(&screen(&mut ui, width, height));
            press(&mut ui, &[KeyCode::PageDown]);
        }
        let missing: Vec<String> = (1..=40).map(call).filter(|line| !all.contains(line)).collect();
        assert_eq!(missing, Vec::<String>::new(), "{width}x{height}");
    }
}

#[test]
fn a_dialog_at_the_smallest_size_says_what_it_does() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    update(&mut ui, Msg::Frame { width: 40, height: 10 });
    press(&mut ui, &[KeyCode::Char('j')]);
    assert_eq!(ui.toast.as_ref().unwrap().text, "not shown at this size: make the terminal larger");
    let keys = screen(&mut ui, 40, 10);
    press(&mut ui, &[KeyCode::Char('n')]);
    let asks = screen(&mut ui, 40, 10);
    press(&mut ui, &[KeyCode::Esc, KeyCode::Char('A')]);
    snapshot!("smallest-40x10", format!("{keys}---\n{asks}---\n{}", screen(&mut ui, 40, 10)));
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
fn a_gate_that_holds_is_explained_where_the_next_step_is_asked_for() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &[KeyCode::Char('n')]);
    update(&mut ui, Msg::Tick(second(30)));
    snapshot!("held-why-80x24", screen(&mut ui, 80, 24));
    assert_eq!(press(&mut ui, &[KeyCode::Enter]), []);
    assert_eq!(ui.dialog, None);
}

#[test]
fn what_the_log_is_narrowed_to_is_named_and_leaves_the_overview_alone() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &typed("7te/zzz"));
    press(&mut ui, &[KeyCode::Enter]);
    let text = screen(&mut ui, 120, 36);
    assert!(text.contains("esc filter `zzz`, e errors only, t kind: everything"), "{text}");
    press(&mut ui, &typed("1"));
    let text = screen(&mut ui, 120, 36);
    assert!(text.contains("`stop` done") && !text.contains("zzz"), "{text}");
}

#[test]
fn a_key_without_a_meaning_says_so() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    press(&mut ui, &typed("x"));
    assert_eq!(ui.toast.as_ref().unwrap().text, "`x` has no meaning here; ? lists the keys");
}

#[test]
fn rows_are_sorted_by_the_column_that_is_named_and_a_click_on_a_name_shows_its_page() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    screen(&mut ui, 80, 24);
    update(&mut ui, Msg::Clicked(16, 2));
    assert_eq!(ui.page, Page::Rows);
    screen(&mut ui, 80, 24);
    press(&mut ui, &typed(":sort de"));
    press(&mut ui, &[KeyCode::Enter]);
    assert_eq!(ui.list(Page::Rows).sorted_by(), Some(("DELTA", false)));
}

#[test]
fn a_click_moves_but_never_confirms() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    screen(&mut ui, 80, 24);
    update(&mut ui, Msg::Clicked(10, 7));
    assert_eq!((ui.focus, ui.list(Page::Overview).at()), (Page::Overview, 2));
    press(&mut ui, &[KeyCode::Char('n')]);
    assert_eq!(update(&mut ui, Msg::Clicked(20, 14)), []);
    let note = ui.dialog.unwrap().note;
    assert_eq!(note.as_deref(), Some("a click never confirms: use the keys"));
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

#[test]
fn a_frozen_list_stays_as_it_was_and_the_header_says_so() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    screen(&mut ui, 80, 24);
    press(&mut ui, &typed("p"));
    update(&mut ui, Msg::Observed(Box::default()));
    let text = screen(&mut ui, 80, 24);
    assert!(
        text.contains("FROZEN") && text.contains("16.14") && text.contains("unknown"),
        "{text}"
    );
    press(&mut ui, &typed("p"));
    assert!(!screen(&mut ui, 80, 24).contains("16.14"));
}

#[test]
fn rows_are_filtered_sorted_and_kept_chosen() {
    let mut ui = state(&["prepare", "stop"], held());
    press(&mut ui, &typed("2"));
    screen(&mut ui, 80, 24);
    press(&mut ui, &typed("j"));
    let chosen = |ui: &UiState| ui.list(Page::Rows).selected().map(|row| row.key.clone());
    assert_eq!(chosen(&ui).as_deref(), Some("public.tasks"));
    press(&mut ui, &typed("ss"));
    assert_eq!(ui.list(Page::Rows).at(), 0, "backwards by name; the row stays chosen");
    press(&mut ui, &typed("/!task"));
    press(&mut ui, &[KeyCode::Enter]);
    assert_eq!(chosen(&ui).as_deref(), Some("public.sprints"));
    press(&mut ui, &[KeyCode::Esc, KeyCode::Char('v')]);
    assert_eq!(ui.list(Page::Rows).count(), (1, 2));
    press(&mut ui, &[KeyCode::Enter]);
    assert_eq!(ui.looks_at().table.as_deref(), Some("public.tasks"));
}

#[test]
fn a_session_without_controls_changes_nothing() {
    let mut ui = state(&["prepare"], asked("stop", Confirm::Yes));
    ui.controls = false;
    ui.mode = SessionMode::Monitor;
    ui.arming = ui.first_arming();
    assert_eq!(ui.badge(), "[R]");
    assert_eq!(press(&mut ui, &[KeyCode::Char('n'), KeyCode::Char('A'), KeyCode::Char('a')]), []);
    assert_eq!(ui.dialog, None);
    assert_eq!(press(&mut ui, &[KeyCode::Char('q')]), [Effect::Leave]);
}

#[test]
fn without_colours_no_cell_has_one() {
    let mut ui = state(&["prepare", "stop"], held());
    update(&mut ui, Msg::Frame { width: 120, height: 36 });
    let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
    terminal.draw(|frame| draw(frame, &ui)).unwrap();
    let plain = ratatui::style::Color::Reset;
    assert!(
        terminal.backend().buffer().content.iter().all(|cell| cell.fg == plain && cell.bg == plain)
    );
}

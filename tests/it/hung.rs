//! A console whose world hangs: the API server and both databases are stopped by SIGSTOP.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::{LabUp, Pty, installations, pgcutover};

/// The ages are those of the slowest reading.
const PATIENCE: Duration = Duration::from_secs(120);

const PAGES: [&str; 7] = ["Overview", "Rows", "Extensions", "Jobs", "Sessions", "Steps", "Log"];

fn console(command: &str, lab: &LabUp, home: &Path) -> Pty {
    let args = [command, "chronicle", "--kubeconfig", lab.kubeconfig()];
    Pty::start(&args, home, &[], (120, 36))
}

/// A row that claims nothing.
fn is_open(row: &str) -> bool {
    row.contains("unknown") || row.contains("not compared yet")
}

#[test]
fn a_console_that_is_opened_in_a_hung_world_paints_and_says_what_it_waits_for() {
    if installations().is_none() {
        return;
    }
    let home = TempDir::new().unwrap();
    let lab = LabUp::start(home.path(), "plain");
    let _hung = lab.hang();
    let mut monitor = console("monitor", &lab, home.path());
    monitor.wait_for("SERVING: unknown for 1s");
    every_page_can_be_read(&mut monitor);
    monitor.press("1");
    monitor.wait_for("[1 Overview]");
    let told = rows_below(&monitor.screen(), "CHECK");
    assert!(!told.is_empty() && told.iter().all(|row| is_open(row)), "{told:#?}");
    monitor.press("q");
    assert_eq!(monitor.ends(), 0);

    let mut run = console("run", &lab, home.path());
    run.wait_for("waiting 2 s for lease `dsm/pgcutover-chronicle` at https://");
    run.press("\u{3}");
    assert_eq!(run.ends(), 130);
    let mut run = console("run", &lab, home.path());
    assert_eq!(run.ends(), 10);
    let told = run.screen();
    assert!(told.contains("`pgcutover-chronicle` in namespace `dsm`"), "{told}");
    assert!(told.contains("gave no answer within 10 s"), "{told}");
}

#[test]
fn a_cutover_whose_world_hangs_tells_its_ages_and_can_be_aborted_left_and_resumed() {
    if installations().is_none() {
        return;
    }
    let home = TempDir::new().unwrap();
    let lab = LabUp::start(home.path(), "plain");
    let mut run = console("run", &lab, home.path());
    let monitor = console("monitor", &lab, home.path());
    run.wait_for("`apply-green` asks for enter");
    run.wait_for("(disabled: safe: `a` arms)");
    say_yes(&mut run, "a");
    run.press("n");
    run.wait_for("[ Begin ]");
    run.press_alone("y");
    run.wait_for("`stop-writers` asks for yes");
    say_yes(&mut run, "n");
    run.wait_for("`fence-blue` asks for yes");
    monitor.wait_for("held by ");
    say_yes(&mut run, "n");
    run.wait_for("`fence-blue` done");
    run.press("2");
    run.wait_for("[2 Rows]");
    run.wait_for("│teams ");
    let before = rows_below(&run.screen(), "TABLE");

    let hung = lab.hang();
    say_yes(&mut run, "A");
    monitor.wait_for("(stale, ");
    run.wait_for("SERVING: BLUE (stale, ");
    every_page_can_be_read(&mut run);
    run.press("1");
    run.wait_for("waiting until ");
    ages_grow(&run, "CHECK");
    run.press("2");
    run.wait_for("[2 Rows]");
    ages_grow(&run, "TABLE");
    let after = rows_below(&run.screen(), "TABLE");
    assert_eq!(zeros(&after), zeros(&before), "{before:#?}\n{after:#?}");

    run.press("q");
    run.wait_for("[ Leave when it has ended ]");
    run.press_button(1);
    run.wait_for("leaving as soon as");
    run.press("\u{3}\u{3}");
    assert_eq!(run.ends(), 13);
    drop(run);
    drop(hung);
    let mut resume = pgcutover(home.path());
    resume.args(["resume", "--headless", "--kubeconfig", lab.kubeconfig()]);
    let resumed = resume.output().unwrap();
    assert_eq!(resumed.status.code(), Some(12), "{}", String::from_utf8_lossy(&resumed.stderr));
    monitor.wait_for("UNDONE");
    drop(monitor);
    let (audit, exit) = lab.end();
    assert_eq!((exit, &audit["lost"], &audit["duplicated"]), (0, &0.into(), &0.into()), "{audit}");
}

/// Opens a dialog with a key and types `yes` into it.
fn say_yes(console: &mut Pty, key: &str) {
    console.press(key);
    console.wait_for("Type  yes");
    console.types("yes");
    console.press_alone("\r");
    console.wait_until_gone("> yes");
}

/// Shows each page, scrolls it, and opens what lies over a page.
fn every_page_can_be_read(console: &mut Pty) {
    for (number, page) in (1..).zip(PAGES) {
        console.press(&number.to_string());
        console.wait_for(&format!("[{number} {page}]"));
        console.press("jjjGkkg\u{1b}[6~\u{1b}[5~");
        console.press("/");
        console.wait_for("enter keeps");
        console.press("\u{1b}");
        console.wait_until_gone("enter keeps");
        console.press("?");
        console.wait_for("Keys of");
        console.press("\u{1b}");
        console.wait_until_gone("Keys of");
    }
    console.press("1\r");
    console.wait_for("esc closes");
    console.press("\u{1b}");
    console.wait_until_gone("esc closes");
    console.press(":");
    console.wait_for("abort  arm  differences");
    console.press("rows\r");
    console.wait_for("[2 Rows]");
}

/// The lines of the list whose head begins so, up to its frame.
fn rows_below(screen: &str, head: &str) -> Vec<String> {
    let below = screen.lines().skip_while(|line| !line.contains(head)).skip(1);
    let column = screen.lines().find_map(|line| Some(line[..line.find(head)?].chars().count()));
    let rows = below.map(|line| line.chars().skip(column.unwrap_or(0)).collect::<String>());
    rows.take_while(|row| row.starts_with(|c: char| c.is_alphabetic() || c == '"')).collect()
}

/// Every reading is stale, and gets older. A comparison that was not made is none.
fn ages_grow(console: &Pty, head: &str) {
    let read = || {
        let mut rows = rows_below(&console.screen(), head);
        rows.retain(|row| !row.contains("not compared yet"));
        rows
    };
    let ages = || -> Vec<u64> {
        let rows = read();
        let age = |row: &String| {
            let age = row.rsplit_once(" stale")?.0.rsplit(' ').next()?;
            let (number, unit) = age.split_at(age.len() - 1);
            Some(number.parse::<u64>().ok()? * if unit == "m" { 60 } else { 1 })
        };
        rows.iter().map_while(age).collect()
    };
    let all = read().len();
    let until = std::time::Instant::now() + PATIENCE;
    let (mut first, mut later) = (ages(), Vec::new());
    while later.len() < all || later.iter().zip(&first).any(|(later, first)| later <= first) {
        assert!(std::time::Instant::now() < until, "{first:?} {later:?}\n{}", console.screen());
        std::thread::sleep(Duration::from_millis(100));
        if first.len() < all {
            first = ages();
        }
        later = ages();
    }
}

/// Which rows show a 0 as the number of a side's rows.
fn zeros(rows: &[String]) -> Vec<&str> {
    let is_zero = |row: &&String| row.split_whitespace().skip(1).take(2).any(|cell| cell == "0");
    rows.iter().filter(is_zero).filter_map(|row| row.split_whitespace().next()).collect()
}

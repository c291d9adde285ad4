use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::format::{Header, Pace, Told};
use super::recorder::Recorder;

fn header() -> Header {
    Header { size: (80, 24), began: 1_767_225_600, title: "orders".into(), kind: None }
}

/// A disk that takes some bytes, and then has no room.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk that hangs until it is let go.
struct Hung(Receiver<()>);

impl Write for Hung {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Kept(Sender<Vec<u8>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn trouble(recorder: &mut Recorder) -> String {
    loop {
        recorder.cast().output(b"frame".to_vec());
        if let Some(why) = recorder.trouble() {
            return why;
        }
        // slower than a disk that answers
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn intervals_are_to_the_line_before_and_do_not_drift() {
    let began = Instant::now();
    let mut pace = Pace::new(began);
    let mut line = |micros, told| pace.line(began + Duration::from_micros(micros), &told);
    assert_eq!(line(1_500_400, Told::Resize(90, 30)), "[1.500, \"r\", \"90x30\"]\n");
    assert_eq!(line(1_501_300, Told::Mark("a \"b\"".into())), "[0.001, \"m\", \"a \\\"b\\\"\"]\n");
    assert_eq!(line(1_501_000, Told::Output(vec![27, b'm'])), "[0.000, \"o\", \"\\u001bm\"]\n");
    assert_eq!(line(62_000_000, Told::Output(vec![])), "[60.499, \"o\", \"\"]\n");
}

#[test]
fn every_line_is_written_whole_and_the_last_one_before_it_ends() {
    let (sender, written) = channel();
    let recorder = Recorder::start(Kept(sender), &header()).unwrap();
    recorder.cast().output("╭─é".as_bytes().to_vec());
    recorder.cast().mark("`fence-blue` started".into());
    drop(recorder);
    let lines: Vec<Value> =
        written.iter().map(|line| serde_json::from_slice(&line).unwrap()).collect();
    assert_eq!(lines[0]["version"], 3);
    assert_eq!(lines[0]["term"]["cols"], 80);
    assert_eq!((&lines[1][1], &lines[1][2]), (&"o".into(), &"╭─é".into()));
    assert_eq!((&lines[2][1], &lines[2][2]), (&"m".into(), &"`fence-blue` started".into()));
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_full_disk_ends_the_recording_and_says_so_once() {
    let mut recorder = Recorder::start(Full(200), &header()).unwrap();
    assert_eq!(trouble(&mut recorder), "no storage space");
    assert_eq!(recorder.trouble(), None);
}

#[test]
fn a_disk_that_hangs_is_not_waited_for() {
    let (_held, hung) = channel();
    let mut recorder = Recorder::start(Hung(hung), &header()).unwrap();
    assert_eq!(trouble(&mut recorder), "its disk is slower than the screen");
}

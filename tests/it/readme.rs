//! Every command of the README, run as it stands there. One that is not known here fails the test, and so does one that the
//! README has no longer.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Pty, installations, servers, skip};

const README: &str = include_str!("../../README.md");

/// How a command is run, with its arguments.
type Typed = fn(&mut Reader, &[String]);

/// Each command once, with whatever its placeholders stand for, in the README's order.
const KNOWN: [(&str, Typed); 19] = [
    ("pgcutover rehearse chronicle", Reader::console),
    ("pgcutover rehearse chronicle --headless", Reader::rehearse),
    ("pgcutover rehearse chronicle --scenario image-pull-denied", Reader::console),
    ("pgcutover lab up chronicle", Reader::lab_up),
    ("kubectl --kubeconfig FILE -n dsm get pods -w", Reader::kubectl_watch),
    ("pgcutover run chronicle --kubeconfig FILE", Reader::console_to_be_killed),
    ("kill -9 CONSOLE", Reader::kill),
    ("pgcutover resume", Reader::console),
    ("pgcutover plan chronicle", Reader::prints),
    ("pgcutover plan chronicle -o rbac", Reader::prints),
    ("pgcutover init chronicle ./chronicle", Reader::prints),
    ("pgcutover preflight ./chronicle/profiles/chronicle.toml", Reader::prints),
    ("pgcutover run ./chronicle/profiles/chronicle.toml", Reader::console),
    ("pgcutover monitor ./chronicle/profiles/chronicle.toml", Reader::console),
    ("pgcutover run chronicle --headless --script answers.toml", Reader::drive),
    (
        "pgcutover run chronicle --headless --confirm stop-writers=yes --confirm fence-blue=yes --confirm switch=chronicle-db \
         --confirm open-green=chronicle-db-v17-vector --confirm decommission=chronicle-db-v17",
        Reader::drive,
    ),
    ("pgcutover run chronicle", Reader::console),
    ("pgcutover resume", Reader::console),
    ("pgcutover resume --from-cluster chronicle", Reader::console),
];

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    if installations().is_none() {
        return;
    }
    let mut commands = commands();
    commands.retain(|command| !is_left_out(command));
    let names: Vec<&str> = commands.iter().map(String::as_str).collect();
    let known: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, known, "the README's commands, and those that are known here");
    let mut reader = Reader::new();
    for (command, run) in KNOWN {
        reader.command = command;
        let words: Vec<String> =
            command.split_whitespace().map(|word| reader.means(word)).collect();
        run(&mut reader, &words[1..]);
    }
}

/// `cargo test` is what runs this test, a benchmark is measured on a machine that does nothing else, and a run is taken over
/// from a person who is not there.
fn is_left_out(command: &str) -> bool {
    command == "cargo test"
        || command.starts_with("cargo bench --bench ")
        || command.contains("--take-over")
}

/// The commands of the README's console blocks: prompts, comments and cargo's part of the line taken off.
fn commands() -> Vec<String> {
    let blocks = README.split("```").skip(1).step_by(2);
    let texts = blocks.filter_map(|block| block.strip_prefix("console\n"));
    let lines: Vec<String> = texts
        .flat_map(|text| text.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let typed = lines.iter().filter_map(|line| line.strip_prefix("$ "));
    let commands = typed.flat_map(|line| line.split(" #").next().unwrap_or_default().split(';'));
    commands
        .map(|command| command.split_whitespace().collect::<Vec<_>>().join(" "))
        .map(|command| command.replace("cargo run --release --", "pgcutover"))
        .collect()
}

/// Somebody who types what the README says, in one folder.
struct Reader {
    command: &'static str,
    home: TempDir,
    lab: Option<Child>,
    kubeconfig: String,
    console: Option<Pty>,
}

impl Reader {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let script = README.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        fs::write(home.path().join("answers.toml"), script).unwrap();
        Self { command: "", home, lab: None, kubeconfig: String::new(), console: None }
    }

    /// What a word of the README stands for.
    fn means(&self, word: &str) -> String {
        match word {
            "FILE" => self.kubeconfig.clone(),
            word => word.to_owned(),
        }
    }

    fn env(&self) -> Vec<(&'static str, String)> {
        let mut env = vec![("KUBECONFIG", self.kubeconfig.clone())];
        env.extend(servers().map(|(name, value)| (name, value.into_string().unwrap())));
        env
    }

    fn pgcutover(&self, args: &[String]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pgcutover"));
        command.args(args).current_dir(self.home.path()).env_clear();
        command.env("HOME", self.home.path()).envs(self.env()).stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    fn rehearse(&mut self, args: &[String]) {
        let output = self.pgcutover(args).output().unwrap();
        let text = self.succeeded(&output);
        let summary: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((&summary["lost"], &summary["duplicated"]), (&0.into(), &0.into()), "{summary}");
        assert!(summary["acknowledged"].as_u64().unwrap() >= 1_000, "{summary}");
    }

    fn prints(&mut self, args: &[String]) {
        let output = self.pgcutover(args).output().unwrap();
        assert!(!self.succeeded(&output).is_empty(), "`{}` prints nothing", self.command);
    }

    /// Runs it on a terminal until the console shows the profile, and ends it as a closed terminal would.
    fn console(&mut self, args: &[String]) {
        let mut pty = self.open(args);
        pty.signal(Signal::SIGTERM);
        pty.ends();
    }

    fn console_to_be_killed(&mut self, args: &[String]) {
        self.console = Some(self.open(args));
    }

    fn open(&self, args: &[String]) -> Pty {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let env = self.env();
        let env: Vec<(&str, &str)> =
            env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let pty = Pty::start(&args, self.home.path(), &env, (120, 36));
        pty.wait_for("Steps");
        pty
    }

    fn kill(&mut self, _: &[String]) {
        let mut console = self.console.take().unwrap();
        console.signal(Signal::SIGKILL);
        console.ends();
    }

    fn lab_up(&mut self, args: &[String]) {
        let mut child = self.pgcutover(args).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        self.lab = Some(child);
        let told: Vec<String> = lines.take(3).collect();
        let look = told.iter().find_map(|line| line.split("--kubeconfig ").nth(1));
        look.unwrap().split(' ').next().unwrap().clone_into(&mut self.kubeconfig);
        assert!(Path::new(&self.kubeconfig).is_file(), "{told:?}");
    }

    fn kubectl_watch(&mut self, args: &[String]) {
        assert!(args.contains(&self.kubeconfig));
        let started = Command::new("kubectl").args(args).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = started else { return skip("kubectl is not installed") };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(
            lines.any(|line| line.starts_with("chronicle-db-v17-") && line.contains("Running"))
        );
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Runs it until the first step has begun that changes something, and stops it.
    fn drive(&mut self, args: &[String]) {
        let mut child = self.pgcutover(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let begun = lines.any(|line| {
            let line: Value = serde_json::from_str(&line).unwrap();
            line["type"] == "step-started" && line["step"] == "apply-green"
        });
        assert!(begun, "`{}` ended: {:?}", self.command, child.wait());
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        let last = lines.last().unwrap();
        assert!(last.contains("\"summary\""), "{last}");
        assert_eq!(child.wait().unwrap().code(), Some(13), "{last}");
    }

    fn succeeded(&self, output: &Output) -> String {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "`{}`: {stdout}{stderr}", self.command);
        stdout
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(mut lab) = self.lab.take() {
            let _ = Command::new("kill").arg(lab.id().to_string()).status();
            let _ = lab.wait();
        }
    }
}

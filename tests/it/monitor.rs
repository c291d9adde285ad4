//! A monitor beside a whole cutover that another console drives, while every key is pressed: it changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Binary, Pty, Standing};

const SCRIPT: &str = include_str!("../../assets/lab/chronicle.script.toml");
const COMMANDS: &str = include_str!("../../src/tui/command_line.rs");

/// Between two keys, so that an escape is not taken for the beginning of the next one.
const PAUSE: Duration = Duration::from_millis(10);

/// Every line in a server's log begins with the application's name.
const LOGGED: [&str; 2] = ["log_statement = 'all'", "log_line_prefix = '%a|'"];

#[test]
fn a_monitor_changes_nothing_over_a_whole_cutover_whatever_key_is_pressed() {
    let Some(world) = Standing::start() else { return };
    let home = TempDir::new().unwrap();
    let roles = Binary::new(["plan", "chronicle", "-o", "rbac"]).any_stdout().run().stdout;
    world.create(&roles);
    let kubeconfig = world.service_account("pgcutover-monitor", home.path());
    let mut servers = Servers::new(&world);
    servers.look();
    let args = ["monitor", "chronicle", "--kubeconfig", &kubeconfig];
    let mut monitor = Pty::start(&args, home.path(), &[], (120, 36));
    monitor.wait_for("SERVING: BLUE");

    let told = std::thread::scope(|scope| {
        let run = scope.spawn(|| cut_over(world.kubeconfig()));
        for (time, page) in (1..=7).cycle().enumerate() {
            if time >= 7 && run.is_finished() {
                break;
            }
            press_every_key(&mut monitor, page, || servers.look());
        }
        run.join().unwrap()
    });
    let run: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let last: Value = serde_json::from_str(told.lines().next_back().unwrap()).unwrap();
    assert_eq!(last["verdict"], "done", "{last}");
    let audit = world.block_on(world.lab().audit()).unwrap();
    assert_eq!((audit.lost, audit.duplicated), (0, 0));
    assert_eq!(audit.served_by, world.lab().environment().versions.green);

    monitor.wait_for("DONE 28/28");
    servers.look();
    monitor.press("q");
    assert_eq!(monitor.ends(), 0);
    let asked = world.requests_of(":pgcutover-monitor");
    assert!(asked.iter().any(|request| request.verb == "watch"));
    let others: Vec<_> = asked.iter().filter(|request| request.method != "GET").collect();
    assert!(others.is_empty(), "{others:?}");
    servers.heard_only_reads(run["run"].as_str().unwrap());
}

/// Runs the cutover until it ends by itself, and gives its lines.
fn cut_over(kubeconfig: &str) -> String {
    let args = ["run", "chronicle", "--headless", "--scenario", "plain", "--script", "s.toml"];
    Binary::new(args)
        .file("s.toml", SCRIPT)
        .env("KUBECONFIG", kubeconfig)
        .with_servers()
        .any_stdout()
        .any_stderr()
        .run()
        .stdout
}

/// Presses every key that a terminal sends, and says every command, on a page. Only those that leave are left out.
fn press_every_key(monitor: &mut Pty, page: u8, mut meanwhile: impl FnMut()) {
    let printable = (' '..='~').filter(|key| *key != 'q').map(String::from);
    // 3 is ctrl-c and 26 ctrl-z.
    let control =
        (0..32).filter(|code| ![3, 26].contains(code)).map(|code| char::from(code).into());
    let others = ["A", "B", "C", "D", "F", "H", "Z", "1;5A", "1;5B", "1;5C", "1;5D", "1;2C"]
        .into_iter()
        .map(|end| format!("\u{1b}[{end}"));
    let numbered = (1..=24).map(|number| format!("\u{1b}[{number}~"));
    let functions = ["P", "Q", "R", "S"].map(|end| format!("\u{1b}O{end}"));
    let alt = ('a'..='z').filter(|key| *key != 'q').map(|key| format!("\u{1b}{key}"));
    let commands = commands().into_iter().map(|word| format!(":{word}\r"));
    let all = printable.chain(control).chain(others).chain(numbered).chain(functions).chain(alt);
    for key in all.chain(commands) {
        monitor.press(&format!("{page}{key}"));
        std::thread::sleep(PAUSE);
        // what it opened is tried with an enter, and closed
        for key in ["\r", "\u{1b}"] {
            monitor.press(key);
            std::thread::sleep(PAUSE);
        }
        meanwhile();
    }
}

/// The words behind the colon that do not leave.
fn commands() -> Vec<&'static str> {
    let (_, table) = COMMANDS.split_once("const WORDS").unwrap();
    let (table, _) = table.split_once("];").unwrap();
    let words = table.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next());
    let words: Vec<_> = words.filter(|word| !word.starts_with('q')).collect();
    assert!(words.contains(&"abort") && words.contains(&"next"), "{words:?}");
    words
}

/// The database servers, and what stands in their logs.
struct Servers<'a> {
    world: &'a Standing,
    configured: BTreeSet<String>,
    logs: BTreeMap<String, String>,
    looked: Option<std::time::Instant>,
}

impl<'a> Servers<'a> {
    const fn new(world: &'a Standing) -> Self {
        Self { world, configured: BTreeSet::new(), logs: BTreeMap::new(), looked: None }
    }

    /// Lets every server that is there log all statements, and keeps what it logged: with its pod its log goes.
    fn look(&mut self) {
        if self.looked.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            return;
        }
        let pods = self.world.send("GET", "api/v1", "pods", &Value::Null);
        for pod in pods["items"].as_array().unwrap() {
            let name = pod["metadata"]["name"].as_str().unwrap();
            if !name.starts_with("chronicle-db") || pod["status"]["phase"] != "Running" {
                continue;
            }
            // One that only starts takes it the next time.
            if !self.configured.contains(name) && self.world.configure(pod, &LOGGED).is_ok() {
                self.configured.insert(name.to_owned());
            }
            if let Some(log) = self.world.log(name) {
                self.logs.insert(name.to_owned(), log);
            }
        }
        self.looked = Some(std::time::Instant::now());
    }

    /// The sessions of this tool that are not the run's are the monitor's.
    fn heard_only_reads(&self, run: &str) {
        assert_eq!(self.logs.len(), 2, "{:?}", self.logs.keys());
        for (server, log) in &self.logs {
            let said = said(log, |name| name.starts_with("pgcutover/") && !name.contains(run));
            assert!(said.len() > 20, "{server} logged only {said:?}");
            let other: Vec<_> = said.iter().filter(|said| !is_read(said)).collect();
            assert!(other.is_empty(), "{server} was told {other:#?}");
        }
    }
}

/// The statements of some applications in a server's log, without their comments. Further lines of one begin with a tab.
fn said(log: &str, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut meant = false;
    for line in log.lines() {
        let code = if let Some(further) = line.strip_prefix('\t') {
            further
        } else {
            let (name, told) = line.split_once('|').unwrap_or_default();
            let statement = told.strip_prefix("LOG:  statement: ").or_else(|| {
                told.strip_prefix("LOG:  execute ")?.split_once(": ").map(|(_, said)| said)
            });
            meant = statement.is_some() && is_meant(name);
            all.extend(meant.then(String::new));
            statement.unwrap_or_default()
        };
        if meant
            && !code.trim_start().starts_with("--")
            && let Some(last) = all.last_mut()
        {
            last.push_str(code.trim_start());
            last.push(' ');
        }
    }
    all
}

/// It begins as a read does, and has no word of a function or clause that changes something or takes a lock.
fn is_read(statement: &str) -> bool {
    const READS: [&str; 6] = ["SELECT", "SHOW", "WITH", "SET statement_timeout", "BEGIN", "COMMIT"];
    const ACTS: [&str; 10] = [
        "pg_terminate_backend",
        "pg_cancel_backend",
        "advisory",
        "nextval(",
        "setval(",
        "set_config(",
        "FOR UPDATE",
        "INSERT INTO",
        "DELETE FROM",
        "read_only = off",
    ];
    READS.iter().any(|read| statement.starts_with(read))
        && !ACTS.iter().any(|act| statement.contains(act))
}

//! Startup, readiness and liveness probes.
//!
//! <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::container::Plan;
use super::pace::Pace;
use crate::lab::cluster::meta;
use crate::lab::process::Supervisor;

/// What is probed, and how often.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    check: Check,
    delay: Duration,
    period: Duration,
    patience: Duration,
    pub(super) successes: u32,
    pub(super) failures: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Check {
    Exec(Vec<String>),
    Http { host: String, port: u16, path: String, headers: Vec<(String, String)> },
    Tcp { host: String, port: u16 },
    Unknown,
}

impl Probe {
    /// The container's probe of this kind (`readinessProbe`), if it has one. Named ports are looked up in the container.
    pub(super) fn of(container: &Value, kind: &str, address: &str) -> Option<Self> {
        let probe = container.get(kind).filter(|probe| probe.is_object())?;
        let number = |key: &str, usual: u32| {
            probe[key].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(usual)
        };
        let seconds = |key: &str, usual: u32| Duration::from_secs(number(key, usual).into());
        Some(Self {
            check: check(probe, container, address),
            delay: seconds("initialDelaySeconds", 0),
            period: seconds("periodSeconds", 10).max(Duration::from_secs(1)),
            patience: seconds("timeoutSeconds", 1).max(Duration::from_secs(1)),
            successes: number("successThreshold", 1).max(1),
            failures: number("failureThreshold", 3).max(1),
        })
    }

    /// The pause before the first try.
    pub(super) fn delay(&self, pace: Pace) -> Duration {
        self.delay.mul_f64(pace.eager)
    }

    /// The pause before the next one.
    pub(super) fn pause(&self, passed: bool, pace: Pace) -> Duration {
        if passed {
            self.period
        } else {
            self.period.mul_f64(pace.eager).max(Duration::from_millis(50))
        }
    }

    /// Tries once.
    ///
    /// # Errors
    /// With what the kubelet would put behind `Readiness probe failed: `.
    pub(super) async fn attempt(&self, plan: &Plan, supervisor: &Supervisor) -> Result<(), String> {
        match &self.check {
            Check::Exec(command) => exec(command, plan, supervisor, self.patience).await,
            Check::Http { host, port, path, headers } => {
                let url = format!("http://{host}:{port}{path}");
                let asked = timeout(self.patience, http(host, *port, path, headers)).await;
                match asked {
                    Ok(Ok(status)) if (200..400).contains(&status) => Ok(()),
                    Ok(Ok(status)) => Err(format!("HTTP probe failed with statuscode: {status}")),
                    Ok(Err(error)) => Err(format!("Get {url:?}: {}", dial(host, *port, &error))),
                    Err(_) => Err(format!(
                        "Get {url:?}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
                    )),
                }
            }
            Check::Tcp { host, port } => {
                match timeout(self.patience, TcpStream::connect((host.as_str(), *port))).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(dial(host, *port, &error)),
                    Err(_) => Err(format!("dial tcp {host}:{port}: i/o timeout")),
                }
            }
            Check::Unknown => {
                Err("the rehearsal cluster does not know this kind of probe".to_owned())
            }
        }
    }
}

fn check(probe: &Value, container: &Value, address: &str) -> Check {
    if let Some(command) = probe["exec"]["command"].as_array() {
        return Check::Exec(command.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    }
    let host = |of: &Value| {
        of["host"].as_str().filter(|host| !host.is_empty()).unwrap_or(address).to_owned()
    };
    if let Some(of) = probe.get("httpGet").filter(|of| of["scheme"] != "HTTPS") {
        let Some(port) = port(&of["port"], container) else { return Check::Unknown };
        let headers = of["httpHeaders"].as_array().into_iter().flatten();
        let headers = headers
            .map(|one| (meta::text(one, "/name").to_owned(), meta::text(one, "/value").to_owned()))
            .collect();
        let path = of["path"].as_str().filter(|path| !path.is_empty()).unwrap_or("/").to_owned();
        return Check::Http { host: host(of), port, path, headers };
    }
    match probe.get("tcpSocket").and_then(|of| Some((host(of), port(&of["port"], container)?))) {
        Some((host, port)) => Check::Tcp { host, port },
        None => Check::Unknown,
    }
}

fn port(port: &Value, container: &Value) -> Option<u16> {
    let number = match port {
        Value::String(name) => {
            let ports = container["ports"].as_array()?;
            let named = ports
                .iter()
                .find(|one| one["name"] == *name)
                .and_then(|one| one["containerPort"].as_u64());
            named.or_else(|| name.parse().ok())?
        }
        number => number.as_u64()?,
    };
    u16::try_from(number).ok()
}

fn dial(host: &str, port: u16, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "read: connection reset by peer".to_owned(),
        io::ErrorKind::UnexpectedEof => "EOF".to_owned(),
        _ => error.to_string(),
    };
    format!("dial tcp {host}:{port}: {why}")
}

async fn http(host: &str, port: u16, path: &str, headers: &[(String, String)]) -> io::Result<u16> {
    let mut stream = TcpStream::connect((host, port)).await?;
    let named = |name: &str| headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let address = format!("{host}:{port}");
    let usual = [("Host", address.as_str()), ("User-Agent", "kube-probe/1.33"), ("Accept", "*/*")];
    let usual = usual.into_iter().filter(|(name, _)| !named(name));
    let given = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let lines: Vec<String> =
        usual.chain(given).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{}\r\n", lines.concat());
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.contains(&b'\n') && head.len() < 1024 {
        if stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    let line = String::from_utf8_lossy(&head);
    let status = line.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Runs a command beside the container. Its first kilobytes of output say why it failed.
async fn exec(
    command: &[String],
    plan: &Plan,
    supervisor: &Supervisor,
    patience: Duration,
) -> Result<(), String> {
    let started = supervisor.spawn(plan.with_command(command)).await;
    let mut running = started.map_err(|error| error.to_string())?;
    let (stdout, stderr) = (running.stdout(), running.stderr());
    let both = async {
        let mut text = Vec::new();
        if let Some(pipe) = stdout {
            let _ = pipe.take(10 * 1024).read_to_end(&mut text).await;
        }
        if let Some(pipe) = stderr {
            let _ = pipe.take(10 * 1024).read_to_end(&mut text).await;
        }
        String::from_utf8_lossy(&text).into_owned()
    };
    let all = async { tokio::join!(both, running.wait()) };
    match timeout(patience, all).await {
        Ok((_, Ok(exit))) if exit.code() == 0 => Ok(()),
        Ok((text, Ok(_))) => Err(text),
        Ok((_, Err(error))) => Err(error.to_string()),
        Err(_) => {
            // Dropping it ends the command; its children go with the group.
            running.end_group();
            Err(format!(
                "command timed out: {:?} timed out after {}s",
                command.join(" "),
                patience.as_secs()
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn ports_are_found_by_name_and_defaults_are_those_documented() {
        let container = json!({"ports": [{"name": "http", "containerPort": 8080}], "readinessProbe": {"httpGet": {"port": "http"}}});
        let probe = Probe::of(&container, "readinessProbe", "127.9.1.2").unwrap();
        let wanted = Check::Http {
            host: "127.9.1.2".to_owned(),
            port: 8080,
            path: "/".to_owned(),
            headers: Vec::new(),
        };
        assert_eq!(probe.check, wanted);
        assert_eq!(
            (probe.successes, probe.failures, probe.period.as_secs(), probe.patience.as_secs()),
            (1, 3, 10, 1)
        );
        assert!(Probe::of(&container, "livenessProbe", "").is_none());
    }

    #[tokio::test]
    async fn the_status_line_decides() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buffer = [0; 512];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").await;
            }
        });
        assert_eq!(http("127.0.0.1", port, "/health", &[]).await.unwrap(), 503);
    }
}

//! Asking over HTTP, also where only the API server leads to whom is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::model::{CallKind, CallOutcome, CallTarget, HttpTarget};
use crate::world::WorldError;

use super::handle::Cluster;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// How much of a body is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Who was asked, as a person reads it.
    pub url: String,
    /// The status.
    pub status: u16,
    /// The body's beginning, as text.
    pub body: String,
    /// How long it took.
    pub took: Duration,
}

impl Cluster {
    /// Sends a GET. A Service is asked at the first ready pod behind it: at its address inside the cluster or with
    /// `direct`, through the API server else.
    ///
    /// # Errors
    /// A Service without ready pods, or no answer within 10 s.
    pub async fn http_get(
        &self,
        target: &HttpTarget,
        direct: bool,
    ) -> Result<HttpAnswer, WorldError> {
        let started = Instant::now();
        let headline = format!("GET {target}");
        let call = self.calls().begin(CallTarget::Http, CallKind::Read, &Arc::from(""), headline);
        let asking = async {
            match target {
                HttpTarget::Url(url) => at_url(url).await.map_err(|why| no_answer(url, why)),
                HttpTarget::Service { service, port, path } => {
                    self.at_service(service, *port, path, direct).await
                }
            }
        };
        let late = |_| WorldError::Deadline {
            waited_for: format!("an answer of {target}"),
            after: LIMIT,
            last: None,
        };
        let answer = tokio::time::timeout(LIMIT, asking).await.map_err(late).flatten();
        let (url, status, body) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                call.fail(None, error.to_string());
                return Err(error);
            }
        };
        call.end(CallOutcome::Status(status));
        tracing::debug!(target: "pgcutover::api", url, status, "asked over HTTP");
        Ok(HttpAnswer { url, status, body, took: started.elapsed() })
    }

    async fn at_service(
        &self,
        service: &str,
        port: u16,
        path: &str,
        direct: bool,
    ) -> Result<(String, u16, String), WorldError> {
        let url = format!("http://{service}:{port}{path}");
        let object: Service = self.require(service).await?;
        let slices = self.endpoint_slices(service).await?;
        let name = port_name(&object, port);
        let (pod, address, port) = slices
            .iter()
            .find_map(|slice| ready(slice, name.as_deref()))
            .ok_or_else(|| no_answer(&url, format!("service `{service}` has no ready pod")))?;
        let told = format!("{url} (pod/{pod})");
        let answer = if direct || self.is_inside() {
            let stream = TcpStream::connect((address.as_str(), port))
                .await
                .map_err(|error| no_answer(&told, format!("{address}:{port}: {error}")))?;
            exchange(stream, service, path).await
        } else {
            exchange(self.forward(&pod, port).await?, service, path).await
        };
        let (status, body) = answer.map_err(|why| no_answer(&told, why))?;
        Ok((told, status, body))
    }
}

fn no_answer(url: &str, why: String) -> WorldError {
    WorldError::NoAnswer { url: url.to_owned(), why }
}

/// A Service's port has its number there, and another one in the pods: they share the name.
fn port_name(service: &Service, port: u16) -> Option<String> {
    let ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
    ports.filter(|known| known.port == i32::from(port)).find_map(|known| known.name.clone())
}

fn ready(slice: &EndpointSlice, name: Option<&str>) -> Option<(String, String, u16)> {
    let mut ports = slice.ports.iter().flatten();
    let port =
        ports.find(|port| port.name.as_deref().unwrap_or_default() == name.unwrap_or_default())?;
    let endpoint = slice.endpoints.iter().find(|endpoint| {
        endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
    })?;
    let pod = endpoint.target_ref.as_ref().and_then(|target| target.name.clone())?;
    Some((pod, endpoint.addresses.first()?.clone(), u16::try_from(port.port?).ok()?))
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    host: &str,
    path: &str,
) -> Result<(u16, String), String> {
    let told = |error: hyper::Error| error.to_string();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
    let driver = tokio::spawn(connection);
    let request = http::Request::get(path)
        .header(http::header::HOST, host)
        .header(http::header::USER_AGENT, "pgcutover")
        .header(http::header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await.map_err(told)?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), LARGEST)
        .collect()
        .await
        .map_err(|error| error.to_string())?;
    driver.abort();
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}

async fn at_url(url: &str) -> Result<(String, u16, String), String> {
    let chain = |error: reqwest::Error| {
        let cause = std::error::Error::source(&error)
            .map_or_else(String::new, |cause| format!(": {cause}"));
        format!("{}{cause}", error.without_url())
    };
    let client =
        reqwest::Client::builder().user_agent("pgcutover").timeout(LIMIT).build().map_err(chain)?;
    let mut answer = client.get(url).send().await.map_err(chain)?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(chain)? {
        body.extend_from_slice(&part);
        if body.len() > LARGEST {
            break;
        }
    }
    Ok((url.to_owned(), status, String::from_utf8_lossy(&body).into_owned()))
}

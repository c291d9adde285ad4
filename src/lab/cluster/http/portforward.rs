//! `pods/portforward` over WebSocket.
//!
//! Each port has two channels, `2n` for data and `2n + 1` for an error text; a message's first byte names its
//! channel. The first message of a channel, from the server, is the port number, little-endian.
//! <https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/cri/streaming/portforward/websocket.go>

use axum::extract::FromRequestParts as _;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use futures::future::join_all;
use futures::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use super::super::error::ApiError;
use super::super::meta::text;
use super::answer::Answer;
use super::handle::{Call, header};
use super::locate::Place;
use super::server::Api;
use super::update::live;

/// The one subprotocol that the API server speaks here.
const PROTOCOL: &str = "v4.channel.k8s.io";

/// Messages that wait for the client before a pod's bytes are read on.
const QUEUE: usize = 16;

pub(super) async fn answer(api: &Api, place: &Place, call: Call) -> Result<Answer, ApiError> {
    let pod = live(api, place)?;
    check_upgrade(call.headers())?;
    let ports = ports(&call)?;
    if text(&pod, "/status/phase") != "Running" {
        let told = format!(
            "unable to forward port because pod is not running. Current status={}",
            text(&pod, "/status/phase")
        );
        return Err(ApiError::bad_request(told));
    }
    let mut head = call.parts;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut head, &()).await;
    let upgrade =
        upgrade.map_err(|why| ApiError::bad_request(format!("Upgrade request required: {why}")))?;
    let kubelet = api.kubelet.get().cloned();
    let kubelet = kubelet.ok_or_else(|| ApiError::internal("no node runs in this cluster"))?;
    let (namespace, name) = (place.namespace.clone(), place.name.clone());
    let answer = upgrade.protocols([PROTOCOL]).on_upgrade(move |socket| async move {
        let connect = ports.iter().map(|port| kubelet.connect(&namespace, &name, *port));
        let streams = join_all(connect).await;
        forward(socket, &ports, streams).await;
    });
    Ok(answer.into_response())
}

fn check_upgrade(headers: &HeaderMap) -> Result<(), ApiError> {
    if !header(headers, "upgrade").eq_ignore_ascii_case("websocket") {
        return Err(ApiError::bad_request("unable to upgrade: only websocket is spoken here"));
    }
    let offered = header(headers, "sec-websocket-protocol");
    if offered.split(',').any(|protocol| protocol.trim() == PROTOCOL) {
        return Ok(());
    }
    let told = format!(
        "unable to upgrade: unable to negotiate protocol: client supports [{offered}], server accepts [{PROTOCOL}]"
    );
    Err(ApiError::bad_request(told))
}

fn ports(call: &Call) -> Result<Vec<u16>, ApiError> {
    let texts: Vec<&str> = call.query.all("ports").flat_map(|list| list.split(',')).collect();
    if texts.is_empty() {
        return Err(ApiError::bad_request("query parameter \"port\" is required"));
    }
    let read = |text: &&str| {
        text.parse().map_err(|_| ApiError::bad_request(format!("invalid port \"{text}\"")))
    };
    texts.iter().map(read).collect()
}

/// Carries bytes until every port is closed or the client goes.
async fn forward(socket: WebSocket, ports: &[u16], streams: Vec<std::io::Result<TcpStream>>) {
    let (mut sink, mut source) = socket.split();
    let (sender, mut outgoing) = mpsc::channel::<Bytes>(QUEUE);
    let mut writers: Vec<Option<OwnedWriteHalf>> = Vec::new();
    let mut readers = tokio::task::JoinSet::new();
    for (index, (port, stream)) in (0_u8..).zip(ports.iter().zip(streams)) {
        let channel = index * 2;
        for channel in [channel, channel + 1] {
            let [low, high] = port.to_le_bytes();
            let _ = sink.send(Message::Binary(Bytes::copy_from_slice(&[channel, low, high]))).await;
        }
        match stream {
            Ok(stream) => {
                let (reader, writer) = stream.into_split();
                writers.push(Some(writer));
                readers.spawn(read(reader, channel, sender.clone()));
            }
            Err(error) => {
                writers.push(None);
                let told = format!("error forwarding port {port} to pod: {error}");
                let _ = sink.send(Message::Binary(framed(channel + 1, told.as_bytes()))).await;
            }
        }
    }
    drop(sender);
    // Both ways go on while the other waits: a pod that sends before it reads on must not block itself.
    let to_client = async {
        while let Some(bytes) = outgoing.recv().await {
            if sink.send(Message::Binary(bytes)).await.is_err() {
                return;
            }
        }
        let _ = sink.send(Message::Close(None)).await;
    };
    let to_pod = async {
        while let Some(Ok(message)) = source.next().await {
            match message {
                Message::Binary(bytes) => write(&mut writers, &bytes).await,
                Message::Close(_) => return,
                _ => {}
            }
        }
    };
    tokio::select! {
        () = to_client => {}
        () = to_pod => {}
    }
}

fn framed(channel: u8, bytes: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(bytes.len() + 1);
    frame.push(channel);
    frame.extend_from_slice(bytes);
    frame.into()
}

/// Sends what the pod says until it says nothing more.
async fn read(mut reader: OwnedReadHalf, channel: u8, sender: mpsc::Sender<Bytes>) {
    let mut buffer = vec![0; 32 * 1024];
    loop {
        match reader.read(&mut buffer).await {
            Ok(0) => return,
            Ok(count) => {
                if sender.send(framed(channel, &buffer[..count])).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                let _ = sender.send(framed(channel + 1, error.to_string().as_bytes())).await;
                return;
            }
        }
    }
}

/// Hands the client's bytes to the port of their channel. A port that is gone takes none.
async fn write(writers: &mut [Option<OwnedWriteHalf>], message: &[u8]) {
    let Some((channel, bytes)) = message.split_first() else { return };
    let Some(place) = writers.get_mut(usize::from(channel / 2)).filter(|_| channel % 2 == 0) else {
        return;
    };
    if let Some(writer) = place
        && writer.write_all(bytes).await.is_err()
    {
        *place = None;
    }
}

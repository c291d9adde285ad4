//! Follows the log that somebody looks at.

use std::time::Duration;

use futures::AsyncReadExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, LogParams};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::model::{Focus, LogOf, LogView, Observed, PodView, Reading, Shared};
use crate::observe::watch::board::fresh;
use crate::world::Call;

use super::log::Lines;
use super::objects::Post;

/// Lines that come together are shown together.
const TOGETHER: Duration = Duration::from_millis(100);

/// How often it is looked whether there is something to follow.
const AGAIN: Duration = Duration::from_secs(1);

/// Follows what is looked at, for ever; nothing is read while nobody looks.
pub(in crate::observe::watch) async fn logs(post: Post, mut focus: watch::Receiver<Focus>) {
    loop {
        let wanted = focus.borrow_and_update().log.clone();
        post.board.change(|observed| observed.log = Reading::default());
        let following = async {
            match &wanted {
                Some(of) => follow(&post, of).await,
                None => std::future::pending().await,
            }
        };
        let other = async {
            let gone = focus.wait_for(|focus| focus.log != wanted).await.is_err();
            if gone {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = following => {}
            () = other => {}
        }
    }
}

/// A container's log, by what makes it another one: the pod, the container, how often that was restarted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    pod: String,
    container: String,
    restarts: u32,
}

async fn follow(post: &Post, of: &LogOf) {
    let mut read: Option<Source> = None;
    loop {
        match post.board.look(|observed| source(observed, of)) {
            Ok(source) if read.as_ref() == Some(&source) => {}
            Ok(source) => {
                let shown = copy(post, of, &source).await;
                // a stream also ends with its connection: the pod says whether more will come
                tokio::time::sleep(AGAIN).await;
                if let Some(mut view) = shown
                    && post.board.look(|observed| has_ended(observed, &source))
                {
                    view.make_mut().ended = true;
                    post.board.change(|observed| observed.log = fresh(view));
                    read = Some(source);
                }
            }
            Err(why) => post.board.change(|observed| observed.log.miss(why)),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The container whose log it is now.
fn source(observed: &Observed, of: &LogOf) -> Result<Source, String> {
    let Some(pods) = observed.cluster.pods.value() else {
        let why = observed.cluster.pods.why().unwrap_or("they have not been read yet");
        return Err(format!("the pods are not known: {why}"));
    };
    let (pod, view, wanted) = match of {
        LogOf::Pod { name, container } => {
            let view = pods.get(name).ok_or_else(|| format!("pod {name} does not exist"))?;
            (name, view, container.as_deref())
        }
        LogOf::Job(job) => {
            let is_its = |view: &PodView| {
                view.owner.as_ref().is_some_and(|one| one.kind == "Job" && one.name == *job)
            };
            let newest =
                pods.iter().filter(|(_, view)| is_its(view)).max_by_key(|(_, view)| view.created);
            let (name, view) = newest.ok_or_else(|| format!("job/{job} has no pod yet"))?;
            (name, view, None)
        }
    };
    let mut begun = view.containers.iter().filter(|container| container.began);
    let container = match wanted {
        Some(wanted) => begun.find(|container| container.name == wanted),
        // an init container's log is of use until a main one has begun
        None => begun.clone().find(|container| !container.init).or_else(|| begun.next_back()),
    };
    let container = container.ok_or_else(|| {
        let why = view.message.as_deref().or(view.reason.as_deref()).unwrap_or("it is starting");
        format!("no container of pod {pod} has begun: {why}")
    })?;
    Ok(Source { pod: pod.clone(), container: container.name.clone(), restarts: view.restarts })
}

/// The container does not run any more.
fn has_ended(observed: &Observed, source: &Source) -> bool {
    let pod = observed.cluster.pods.value().and_then(|pods| pods.get(&source.pod));
    let mut containers = pod.into_iter().flat_map(|pod| &pod.containers);
    !containers.any(|one| one.name == source.container && one.state == "running")
}

/// Shows a log until its stream ends. None when it could not be read.
async fn copy(post: &Post, of: &LogOf, source: &Source) -> Option<Shared<LogView>> {
    let Source { pod, container, .. } = source;
    let params = LogParams {
        follow: true,
        container: Some(container.clone()),
        tail_lines: i64::try_from(LogView::KEPT).ok(),
        ..LogParams::default()
    };
    let api: Api<Pod> = post.cluster.api();
    let mut stream = match api.log_stream(pod, &params).await {
        Ok(stream) => Box::pin(stream),
        Err(error) => {
            let call = Call::new("get", "pods/log").named(pod);
            let error = post.cluster.explain(call, error);
            post.board.change(|observed| observed.log.miss(error.to_string()));
            return None;
        }
    };
    let mut view = Shared::new(LogView::new(of.clone(), pod.clone(), container.clone()));
    let (mut lines, mut buffer) = (Lines::default(), vec![0; 16 * 1024]);
    let mut show_at = Some(Instant::now());
    let cover = |line: String| post.cluster.calls().cover(line);
    loop {
        tokio::select! {
            () = due(show_at) => {
                show_at = None;
                let shown = view.clone();
                post.board.change(|observed| observed.log = fresh(shown));
            }
            got = stream.read(&mut buffer) => {
                let Ok(length @ 1..) = got else { break };
                let whole = lines.take(&buffer[..length]);
                for line in whole { view.make_mut().push(&cover(line)); }
                show_at.get_or_insert_with(|| Instant::now() + TOGETHER);
            }
        }
    }
    if let Some(rest) = lines.rest() {
        view.make_mut().push(&cover(rest));
    }
    let shown = view.clone();
    post.board.change(|observed| observed.log = fresh(shown));
    Some(view)
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

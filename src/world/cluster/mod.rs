//! The cluster: a client that knows its manners, and reads that follow Kubernetes' own links between objects.

mod call;
mod config;
mod courier;
mod explain;
mod forward;
mod handle;
mod http;
mod kinds;
mod lease;
mod mirror;
mod own;
mod pods;
mod proxy;
mod read;
mod review;
mod views;
mod wait;

pub use call::Call;
pub use config::Origin;
pub(in crate::world) use forward::Forwarded;
pub use handle::Cluster;
pub use http::HttpAnswer;
pub use mirror::MirrorPart;
pub(crate) use pods::selector_text;
pub use read::Namespaced;
pub use review::Allowed;
pub use views::Views;
pub use wait::Wait;

//! Tables for people: the columns and cells that `kubectl get` prints.
//!
//! Follows `pkg/printers/internalversion/printers.go` of Kubernetes.

mod age;
mod columns;
mod network;
mod objects;
mod pod;
mod render;
mod storage;
mod workload;

pub(super) use render::Table;

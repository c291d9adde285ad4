//! The server as kube-rs sees it: the product's own client against the lab's cluster.

mod access;
mod faults;
mod objects;
mod pods;
mod setting;
mod watching;

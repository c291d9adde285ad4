//! `CronJobs`: a Job at every time of a schedule.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>

mod controller;
mod schedule;

pub(super) use controller::CronJobs;

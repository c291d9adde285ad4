//! Loaded into a console before the C library: when a line of its journal is on the disk, it stands still.

use std::ffi::c_int;

unsafe extern "C" {
    fn fsync(file: c_int) -> c_int;
    fn raise(signal: c_int) -> c_int;
}

const SIGSTOP: c_int = 19;

#[unsafe(no_mangle)]
pub extern "C" fn fdatasync(file: c_int) -> c_int {
    let synced = unsafe { fsync(file) };
    let name = std::fs::read_link(format!("/proc/self/fd/{file}"));
    if synced == 0 && name.is_ok_and(|name| name.ends_with("journal.jsonl")) {
        unsafe { raise(SIGSTOP) };
    }
    synced
}

//! How freed memory goes back to the system.

/// Lets the allocator give back what thousands of tables took for a moment.
///
/// By itself glibc keeps an arena for each thread, and takes large blocks from the arenas too once it has seen one freed: what
/// is below the last block in use is then kept for good. Here large blocks are mapped, and go back when they are freed
/// (<https://man7.org/linux/man-pages/man3/mallopt.3.html>).
pub(super) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::libc::{M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, mallopt};
        for (parameter, value) in
            [(M_ARENA_MAX, 2), (M_MMAP_THRESHOLD, LARGE), (M_TRIM_THRESHOLD, LARGE)]
        {
            // SAFETY: mallopt takes no pointer, and a value that it does not know is refused.
            unsafe { mallopt(parameter, value) };
        }
    }
}

/// The size of a large block, in bytes: glibc's own first value.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: i32 = 128 * 1024;

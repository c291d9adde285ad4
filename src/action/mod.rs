//! The verbs: what a step does to the world, how it is undone, and how the world is asked whether it happened.

mod fence;

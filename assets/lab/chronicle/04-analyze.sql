-- The planner's statistics; counts and plans are sensible from the start.
ANALYZE;

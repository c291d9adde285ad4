-- A write as the application would make it, rolled back whatever happens.
CREATE TABLE pgcutover_canary (written boolean)

-- Session settings under which a value has the same text on every server.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET xmloption = 'content';
SET lc_monetary = 'C';
SET search_path = pg_catalog;
SET row_security = off;
SET idle_in_transaction_session_timeout = 0

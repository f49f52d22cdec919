#!/bin/sh
# First start of the PostgreSQL container: the two roles that log in, the one that does not, and the database.
# The passwords go from the environment straight into psql: no process list and no statement of ours shows them.
set -eu
: "${ENDUSE_OWNER_PASSWORD:?}" "${ENDUSE_APP_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password ENDUSE_OWNER_PASSWORD
\getenv app_password ENDUSE_APP_PASSWORD
set log_statement = 'none';
set log_min_error_statement = 'panic';
create role enduse_owner login password :'owner_password';
create role enduse_app login password :'app_password';
create role enduse_system nologin;
grant enduse_system to enduse_owner with inherit false, set true;
create database enduse owner enduse_owner;
revoke connect on database enduse from public;
grant connect on database enduse to enduse_app;
SQL

#!/bin/sh
# What the official image's docker-entrypoint.sh does, as far as a rehearsal needs it: https://hub.docker.com/_/postgres
# The lab adds LAB_ADDRESS, the pod's address, and LAB_SOCKETS, the folder for Unix sockets.
# At the end this process becomes the server, so that the pod's first process is postgres itself.
set -eu

# VAR, or the content of the file that VAR_FILE names.
file_env() {
	value=$(printenv "$1" || true)
	file=$(printenv "$1_FILE" || true)
	if [ -n "$value" ] && [ -n "$file" ]; then
		echo "error: both $1 and $1_FILE are set (but are exclusive)" >&2
		exit 1
	fi
	if [ -n "$file" ]; then value=$(cat "$file"); fi
	: "${value:=${2:-}}"
	export "$1=$value"
	unset "$1_FILE"
}

init() {
	if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
		cat >&2 <<-'TEXT'
			Error: Database is uninitialized and superuser password is not specified.
			       You must specify POSTGRES_PASSWORD to a non-empty value for the
			       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".
		TEXT
		exit 1
	fi
	mkdir -p "$PGDATA"
	chmod 700 "$PGDATA"
	secret="$LAB_SOCKETS/.initdb"
	(umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" >"$secret")
	# The folder is temporary, so that nothing here need wait for the disk; the server itself does.
	# shellcheck disable=SC2086 # the arguments are several words
	initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile="$secret" --no-sync --encoding=UTF8 \
		--auth-local=trust --auth-host="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" ${POSTGRES_INITDB_ARGS:-}
	rm -f "$secret"
	printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
	# This server is reached through its Unix socket alone.
	pg_ctl --pgdata="$PGDATA" --silent --wait start --options="-c listen_addresses='' -k $LAB_SOCKETS -c dynamic_shared_memory_type=mmap -c fsync=off"
	if [ "$POSTGRES_DB" != postgres ]; then
		createdb --host="$LAB_SOCKETS" --username="$POSTGRES_USER" --maintenance-db=postgres "$POSTGRES_DB"
	fi
	for file in "$LAB_INIT"/*; do
		case "$file" in
		*.sh) PGHOST="$LAB_SOCKETS" PGUSER="$POSTGRES_USER" PGDATABASE="$POSTGRES_DB" sh "$file" ;;
		*.sql) psql -X --set=ON_ERROR_STOP=1 --host="$LAB_SOCKETS" --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --file="$file" ;;
		esac
	done
	pg_ctl --pgdata="$PGDATA" --silent --mode=fast --wait stop
	echo
	echo 'PostgreSQL init process complete; ready for start up.'
	echo
}

case "${1:-postgres}" in
-*) set -- postgres "$@" ;;
esac
if [ "${1:-postgres}" != postgres ]; then exec "$@"; fi
if [ $# -gt 0 ]; then shift; fi

file_env POSTGRES_PASSWORD
file_env POSTGRES_USER postgres
file_env POSTGRES_DB "$POSTGRES_USER"
if [ -s "$PGDATA/PG_VERSION" ]; then
	echo
	echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
	echo
else
	init
fi

# Small, so that several servers fit on a laptop; shared memory in files, so that none is left behind after a kill. What the
# container says comes after that and wins; where the server listens comes last.
exec postgres -D "$PGDATA" -c shared_buffers=32MB -c dynamic_shared_memory_type=mmap "$@" \
	-c listen_addresses="$LAB_ADDRESS" -c unix_socket_directories="$LAB_SOCKETS"

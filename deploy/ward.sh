#!/bin/sh
# `ward` with the settings and in the folder of the service: install as /usr/local/bin/ward,
# then type `sudo -u ward ward check`.
set -eu
set -a
. /etc/ward/ward.env
set +a
cd /var/lib/ward
exec /opt/ward/.venv/bin/ward "$@"

#!/bin/sh
# Serves the files of folder $1 on port $2 with one process of nginx, in the foreground.
set -eu
work=$(mktemp -d)
cat >"$work/nginx.conf" <<CONF
daemon off;
master_process off;
worker_processes 1;
pid $work/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  default_type application/octet-stream;
  client_body_temp_path $work;
  proxy_temp_path $work;
  fastcgi_temp_path $work;
  uwsgi_temp_path $work;
  scgi_temp_path $work;
  server { listen 127.0.0.1:$2; root $1; }
}
CONF
exec nginx -p "$work" -c "$work/nginx.conf" -e stderr

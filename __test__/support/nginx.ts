/** How every configuration begins: in the foreground, with what it writes in the folder `at`. */
export function nginxAt(at: string): string {
  return `
daemon off;
master_process off;
pid ${at}/pid;
error_log ${at}/log;
events {}`
}

/** Directives that a test adds to those below. */
export interface NginxProxy {
  /** Connections that are kept open. */
  readonly keepalive: number
  readonly server?: string
  readonly location: string
}

/** Passes on what comes to the socket `at/in.sock`, by connections that it keeps open. */
export function nginxProxy(
  at: string,
  port: number,
  { keepalive, server = '', location }: NginxProxy,
): string {
  return `${nginxAt(at)}
http {
  access_log off;
  client_body_temp_path ${at}/body;
  proxy_temp_path ${at}/proxy;
  fastcgi_temp_path ${at}/fastcgi;
  uwsgi_temp_path ${at}/uwsgi;
  scgi_temp_path ${at}/scgi;
  upstream one { server 127.0.0.1:${port}; keepalive ${keepalive}; }
  server {
    listen unix:${at}/in.sock;
    ${server}
    location / {
      proxy_pass http://one;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      ${location}
    }
  }
}
`
}

/** Where Debian has the module that passes bytes on. */
export const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so'

/** Passes bytes on from the address `from`, behind a header of the PROXY protocol for each connection. */
export function nginxStream(at: string, port: number, from: string): string {
  return `
load_module ${STREAM_MODULE};${nginxAt(at)}
stream {
  server {
    listen ${from};
    proxy_pass 127.0.0.1:${port};
    proxy_protocol on;
  }
}
`
}

/** nginx's own configuration for both its parts here; `folder` takes what it writes. */
function configOf(folder: string, http: string): string {
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `${user} daemon off; worker_processes 1; worker_rlimit_nofile 20000;
pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 19000; }
http {
  access_log off; keepalive_requests 1000000000; client_max_body_size 0; default_type application/json;
  ${places.join(" ")}
${http}
}
`;
}

/** A session's server for what is asked most: a small answer with the headers that Jupyter's has, and 10 MB. */
export function upstreamConfig(folder: string, port: number): string {
  return configOf(
    folder,
    `  server {
    listen 127.0.0.1:${port} backlog=4096;
    add_header X-Content-Type-Options nosniff;
    add_header Content-Security-Policy "frame-ancestors 'self'; report-uri /api/security/csp-report";
    location = /api/status { return 200 '{"connections": 1, "kernels": 1, "last_activity": "2026-01-01T00:00:00Z", "started": "2026-01-01T00:00:00Z"}'; }
    location = /blob { root ${folder}; sendfile on; }
  }`,
  );
}

/** A proxy that streams, as one in front of Jupyter must: no buffering either way, connections kept, upgrades passed on. */
export function proxyConfig(
  folder: string,
  port: number,
  { http, sockets }: { http: number; sockets: number },
): string {
  return configOf(
    folder,
    `  upstream http { server 127.0.0.1:${http}; keepalive 256; keepalive_requests 1000000000; }
  upstream sockets { server 127.0.0.1:${sockets}; keepalive 256; keepalive_requests 1000000000; }
  map $http_upgrade $connection_header { default upgrade; "" ""; }
  proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off; proxy_read_timeout 1h;
  proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_header;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://http; }
    location /sockets/ { proxy_pass http://sockets; }
  }`,
  );
}

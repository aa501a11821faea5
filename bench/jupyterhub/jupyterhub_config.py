"""JupyterHub as its documentation starts it on one machine, without a sandbox, with one token for the bench."""

import os

c = get_config()  # noqa: F821

c.JupyterHub.bind_url = os.environ["BENCH_URL"]
c.JupyterHub.hub_port = int(os.environ["BENCH_HUB_PORT"])
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:" + os.environ["BENCH_PROXY_PORT"]
c.ConfigurableHTTPProxy.command = [os.environ["BENCH_NODE"], os.environ["BENCH_PROXY"]]
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret_file = os.path.join(os.getcwd(), "cookie_secret")
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.Authenticator.allow_all = True
c.Spawner.args = ["--allow-root"]
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.services = [{"name": "bench", "api_token": os.environ["BENCH_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "bench", "services": ["bench"], "scopes": ["admin:users", "admin:servers", "access:servers"]}
]

"""Serves the back end of drf-stack.py over HTTP, on a free port that it prints."""
import importlib.util
import os
from wsgiref.simple_server import WSGIRequestHandler, make_server

spec = importlib.util.spec_from_file_location("drf_stack", os.environ["DRF_STACK"])
stack = importlib.util.module_from_spec(spec)
import sys  # noqa: E402

sys.modules["drf_stack"] = stack
spec.loader.exec_module(stack)
stack.call_command("migrate", run_syncdb=True, verbosity=0)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


server = make_server("127.0.0.1", 0, stack.application, handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()

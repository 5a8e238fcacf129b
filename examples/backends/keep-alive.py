"""A service of Python's standard library that closes idle connections after two seconds."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 2

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    def process_request(self, request, client_address):
        print("opened", flush=True)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        super().shutdown_request(request)
        print("closed", flush=True)


server = Server(("127.0.0.1", 0), Echo)
print(f"port {server.server_port}", flush=True)
server.serve_forever()

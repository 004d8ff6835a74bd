"""The simulated router the clients talk to."""

import json
import subprocess
import urllib.request

NAME, PASSWORD = "whmcs", "pass:word=1"


class Simulator:
    """The program, for as long as the block lasts."""

    def __init__(self, path, version, *more):
        self.arguments = [
            path, "--api", "127.0.0.1:0", "--api-tls", "127.0.0.1:0", "--control", "127.0.0.1:0", "--parent-stdin",
            "--user", f"{NAME}:{PASSWORD}", "--version", version, "--seed-accounts", "3", *more,
        ]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)

    def address(self, secure):
        """Host and port of the binary API."""
        host, port = self.line["api-tls" if secure else "api"].split(":")
        return host, int(port)

    def control(self, path, body):
        request = urllib.request.Request(
            f"http://{self.line['control']}{path}", data=json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)

    def rows(self, menu):
        """What is really there."""
        return self.control("/exec", {"path": f"{menu}/print"})

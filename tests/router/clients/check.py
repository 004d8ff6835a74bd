"""What an independent client makes of the simulator's binary API, plain and over TLS."""

import json
import ssl
import subprocess
import sys
import traceback

import librouteros
from librouteros.exceptions import LibRouterosError, TrapError
from librouteros.login import plain
from librouteros.query import And, Key, Or

NAME, PASSWORD = "whmcs", "pass:word=1"


class Simulator:
    """The program, for as long as the block lasts."""

    def __init__(self, path, version):
        self.arguments = [
            path, "--api", "127.0.0.1:0", "--api-tls", "127.0.0.1:0", "--parent-stdin",
            "--user", f"{NAME}:{PASSWORD}", "--version", version, "--seed-accounts", "3",
        ]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)

    def connect(self, secure, password=PASSWORD):
        host, port = self.line["api-tls" if secure else "api"].split(":")
        more = {}
        if secure:
            context = ssl.create_default_context(cadata=self.line["ca-pem"])
            # the default of Python 3.13 and later
            context.verify_flags |= ssl.VERIFY_X509_STRICT
            more["ssl_wrapper"] = lambda sock: context.wrap_socket(sock, server_hostname=host)
        return librouteros.connect(
            host, NAME, password, port=int(port), login_method=plain, timeout=10, **more)


def life_of_a_secret(api):
    secrets = api.path("ppp", "secret")
    number = secrets.add(name="ann", password="x=y", **{"remote-address": "10.0.0.9"})
    assert number.startswith("*"), number
    secrets.update(**{".id": number, "comment": "a=b", "disabled": True})
    key = Key("name")
    rows = list(secrets.select(Key(".id"), key, Key("comment")).where(key == "ann"))
    assert rows == [{".id": number, "name": "ann", "comment": "a=b"}], rows
    secrets.remove(number)
    assert list(secrets.select(key).where(key == "ann")) == []


def queries_are_a_stack(api):
    name = Key("name")
    some = Or(name == "account1", name == "account3")
    rows = list(api.path("queue", "simple").select(name).where(And(some, name == "account3")))
    assert rows == [{"name": "account3"}], rows


def lists_of_ids_reset_counters(api):
    queues = api.path("queue", "simple")
    ids = [row[".id"] for row in queues]
    assert len(ids) == 3
    assert list(queues("reset-counters", **{".id": ",".join(ids)})) == []


def rows_without_the_property_are_empty(api):
    rows = list(api("/ip/pool/print", **{".proplist": "comment"}))
    assert all(row == {} for row in rows), rows


def singletons_and_getall(api):
    (resource,) = api("/system/resource/print")
    assert "version" in resource
    assert len(list(api("/ppp/secret/getall"))) == 3


def refusals_are_traps(api):
    try:
        list(api("/ppp/secret/remove", **{".id": "*FFF"}))
    except TrapError as error:
        assert "no such item (4)" in str(error), error
    else:
        raise AssertionError("not refused")
    assert len(list(api.path("ppp", "secret"))) == 3, "the session goes on"


CHECKS = [
    life_of_a_secret,
    queries_are_a_stack,
    lists_of_ids_reset_counters,
    rows_without_the_property_are_empty,
    singletons_and_getall,
    refusals_are_traps,
]


def wrong_password(simulator, secure):
    try:
        simulator.connect(secure, "wrong")
    except LibRouterosError as error:
        assert "invalid user name or password" in str(error), error
    else:
        raise AssertionError("let in")


def main():
    passed = failed = 0
    for version in ["6.49.10", "7.12.2", "7.20.8"]:
        with Simulator(sys.argv[1], version) as simulator:
            for secure in [False, True]:
                def with_session(check):
                    api = simulator.connect(secure)
                    try:
                        check(api)
                    finally:
                        api.close()

                jobs = [(check.__name__, lambda check=check: with_session(check)) for check in CHECKS]
                jobs.append(("wrong_password", lambda: wrong_password(simulator, secure)))
                for name, job in jobs:
                    try:
                        job()
                        passed += 1
                    except Exception:
                        failed += 1
                        print(f"{name} ({version}, {'TLS' if secure else 'plain'}):")
                        traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())

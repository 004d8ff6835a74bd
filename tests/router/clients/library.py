"""What the library librouteros makes of the binary API, plain and over TLS."""

import ssl

import librouteros
from librouteros.exceptions import LibRouterosError, MultiTrapError, TrapError
from librouteros.login import plain
from librouteros.query import And, Key, Or

from simulator import NAME, PASSWORD, Simulator

VERSIONS = ["6.49.10", "7.12.2", "7.17.2", "7.20.8"]


def connect(simulator, secure, password=PASSWORD):
    host, port = simulator.address(secure)
    more = {}
    if secure:
        context = ssl.create_default_context(cadata=simulator.line["ca-pem"])
        # the default of Python 3.13 and later
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        more["ssl_wrapper"] = lambda sock: context.wrap_socket(sock, server_hostname=host)
    return librouteros.connect(
        host, NAME, password, port=port, login_method=plain, timeout=10, **more)


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


def a_missing_menu_leaves_the_session_usable(api):
    try:
        list(api("/system/routerboard/print"))
    except (TrapError, MultiTrapError) as error:
        assert "no such command" in str(error), error
    else:
        raise AssertionError("not refused")
    (identity,) = api("/system/identity/print")
    assert identity == {"name": "MikroTik"}, identity


def a_wrong_password_is_refused(simulator, secure):
    try:
        connect(simulator, secure, "wrong")
    except LibRouterosError as error:
        assert "invalid user name or password" in str(error), error
    else:
        raise AssertionError("let in")


CHECKS = [
    life_of_a_secret,
    queries_are_a_stack,
    lists_of_ids_reset_counters,
    rows_without_the_property_are_empty,
    singletons_and_getall,
    refusals_are_traps,
    a_missing_menu_leaves_the_session_usable,
]


def in_a_session(check, simulator, secure):
    api = connect(simulator, secure)
    try:
        check(api)
    finally:
        api.close()


def checks(path):
    """Names and what to run, one router for each version."""
    for version in VERSIONS:
        with Simulator(path, version) as simulator:
            for secure in [False, True]:
                kind = f"librouteros, {version}, {'TLS' if secure else 'plain'}"
                for check in CHECKS:
                    yield f"{check.__name__} ({kind})", lambda: in_a_session(check, simulator, secure)
                yield f"a_wrong_password_is_refused ({kind})", lambda: a_wrong_password_is_refused(simulator, secure)

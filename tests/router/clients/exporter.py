"""What the exporter mktxp reads from a router."""

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from simulator import NAME, PASSWORD, Simulator

READ = ["certificate", "firewall", "health", "installed_packages", "interface", "pool", "queue", "routerboard", "user"]
NOT_READ = [
    "bfd", "bgp", "bridge_vlan", "capsman", "capsman_clients", "check_for_updates", "connections", "connection_stats",
    "container", "dhcp", "dhcp_lease", "dns", "eoip", "gre", "ipip", "ipsec", "ipv6_firewall", "ipv6_neighbor",
    "ipv6_pool", "ipv6_route", "ipv6_total_address_list_counts", "kid_control_assigned", "kid_control_dynamic", "lte",
    "monitor", "neighbor", "netwatch", "poe", "public_ip", "route", "routing_stats", "switch_port",
    "total_address_list_counts", "w60g", "wireguard_peers", "wireless", "wireless_clients",
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configure(folder, simulator, port):
    host, api = simulator.address(True)
    authority = pathlib.Path(folder, "authority.pem")
    authority.write_text(simulator.line["ca-pem"])
    entry = {
        "enabled": True, "hostname": host, "port": api, "username": NAME, "password": PASSWORD, "use_ssl": True,
        "ssl_certificate_verify": True, "ssl_check_hostname": True, "ssl_ca_file": authority,
    }
    entry |= dict.fromkeys(READ, True) | dict.fromkeys(NOT_READ, False)
    lines = "".join(f"    {key} = {value}\n" for key, value in entry.items())
    pathlib.Path(folder, "mktxp.conf").write_text(f"[Simulator]\n{lines}[default]\n    enabled = False\n")
    pathlib.Path(folder, "_mktxp.conf").write_text(
        f"[MKTXP]\n    listen = '127.0.0.1:{port}'\n    minimal_collect_interval = 0\n")


def scrape(port, process):
    """The page of metrics, as soon as the exporter listens."""
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as reply:
                return reply.read().decode()
        except ConnectionError as error:
            last = error
        except urllib.error.URLError as error:
            last = error
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"no metrics: {last}")
        time.sleep(0.1)


def metrics(simulator):
    """Values by metric and name, of two scrapes the later one."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        configure(folder, simulator, port)
        log = pathlib.Path(folder, "log")
        with log.open("w") as output:
            process = subprocess.Popen(
                [pathlib.Path(sys.prefix, "bin/mktxp"), "--cfg-dir", folder, "export"],
                env=os.environ | {"HOME": folder, "PYTHONUNBUFFERED": "1"}, stdout=output, stderr=output)
            try:
                scrape(port, process)
                text = scrape(port, process)
            finally:
                process.terminate()
                process.wait(10)
        told = log.read_text()
    assert "Exception while scraping" not in told, told
    found = {}
    for line in text.splitlines():
        if match := re.fullmatch(r'(mktxp_\w+)\{(.*)\} (\S+)', line):
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2]))
            found[match[1], labels.get("name", "")] = float(match[3])
    return found


def queues_and_sessions_are_read(simulator):
    simulator.control("/traffic", {"name": "account1", "upload": 1000, "download": 20000})
    simulator.control("/comment-bytes", {"menu": "/queue/simple", "name": "account2", "bytes": [207, 238]})
    found = metrics(simulator)
    session = "<l2tp-account1>"
    for key, value in {
        ("mktxp_queue_simple_bytes_upload_total", "account1"): 1000,
        ("mktxp_queue_simple_bytes_download_total", "account1"): 20000,
        ("mktxp_queue_simple_bytes_upload_total", "account2"): 0,
        ("mktxp_interface_rx_byte_total", session): 1000,
        ("mktxp_interface_tx_byte_total", session): 20000,
        ("mktxp_interface_running", session): 1,
        ("mktxp_system_identity_info", "MikroTik"): 1,
        ("mktxp_installed_packages_info", "routeros"): 1,
        ("mktxp_system_total_memory", ""): 1073741824,
    }.items():
        assert found.get(key) == value, (key, found.get(key))
    assert any(name.startswith("mktxp_certificate") for name, _ in found), "read last, so all was read"


def checks(path):
    # 7.17 refuses the menus a CHR lacks in two sentences each
    for version in ["7.17.2", "7.20.8"]:
        with Simulator(path, version, "--seed-connect") as simulator:
            yield f"queues_and_sessions_are_read (mktxp, {version})", lambda: queues_and_sessions_are_read(simulator)

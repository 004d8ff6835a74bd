"""What Ansible with community.routeros makes of a router: secrets and queues as a playbook wants them."""

import os
import pathlib
import subprocess
import sys
import tempfile

from simulator import NAME, PASSWORD, Simulator

HERE = pathlib.Path(__file__).parent
VENV = pathlib.Path(sys.prefix)


def play(simulator, secure, folder):
    host, port = simulator.address(secure)
    authority = pathlib.Path(folder, "authority.pem")
    authority.write_text(simulator.line["ca-pem"])
    command = [
        VENV / "bin/ansible-playbook", "-i", "localhost,", "-c", "local",
        "-e", f"ansible_python_interpreter={sys.executable}",
        "-e", f"router={host} port={port} user={NAME} password={PASSWORD} tls={str(secure).lower()}",
        "-e", f"authority={authority}", HERE / "playbook.yml",
    ]
    environment = os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": str(VENV), "ANSIBLE_HOME": folder, "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0", "HOME": folder,
    }
    done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def a_playbook_is_carried_out_once(simulator, secure):
    simulator.control("/exec", {"path": "/ppp/secret/set", "arguments": {"numbers": "account1", "routes": "10.9.0.0/24"}})
    with tempfile.TemporaryDirectory() as folder:
        play(simulator, secure, folder)
    secrets = {row["name"]: row for row in simulator.rows("/ppp/secret")}
    assert sorted(secrets) == ["account1", "ann"], secrets
    assert secrets["account1"]["comment"] == "sim whmcs:1", "what the playbook does not name stays"
    assert secrets["account1"]["limit-bytes-in"] == "5000", secrets
    assert "routes" not in secrets["account1"], "unset by an exclamation mark"
    assert secrets["ann"]["password"] == "p=w" and "remote-address" not in secrets["ann"], secrets
    queues = simulator.rows("/queue/simple")
    assert [row["name"] for row in queues] == ["ann", "account1"], "in the order of the playbook"
    assert queues[0]["max-limit"] == "1000000/2000000" and queues[0]["target"] == "10.64.0.9/32", queues
    assert "comment" not in queues[1], queues
    assert simulator.rows("/system/identity") == [{"name": "edge"}]


def checks(path):
    for version, secure in [("6.49.10", False), ("7.20.8", True)]:
        with Simulator(path, version) as simulator:
            kind = f"community.routeros, {version}, {'TLS' if secure else 'plain'}"
            yield f"a_playbook_is_carried_out_once ({kind})", lambda: a_playbook_is_carried_out_once(simulator, secure)

"""Runs every check of every client against the simulator."""

import sys
import traceback

import automation
import exporter
import library


def main(simulator):
    passed = failed = 0
    for client in [library, automation, exporter]:
        for name, check in client.checks(simulator):
            try:
                check()
                passed += 1
            except Exception:
                failed += 1
                print(f"{name}:")
                traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main(sys.argv[1]))

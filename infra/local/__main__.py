"""The command line of the embedded cloud: `python -m infra.local`."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from infra.local.errors import LaunchError
from infra.local.launcher import Options, run

PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run until Ctrl-C or SIGTERM. Returns 0 after a clean stop, 1 when it could not start or continue."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    stop = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: stop.set())
    try:
        run(_options(), stop, _greet)
    except LaunchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print("\n考场已停止，数据已保存。Stopped; the state is kept.")
    return 0


def _options() -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local", description="The embedded cloud."
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--var", type=Path, default=PROJECT / "var", help="where state is kept")
    parser.add_argument(
        "--emulator",
        type=Path,
        default=PROJECT / ".venv-cloud" / "bin" / "ministack",
        help="the emulator's program",
    )
    parser.add_argument("--project", type=Path, default=PROJECT, help="the folder with app.py")
    parser.add_argument("--api-processes", type=int, default=4)
    parser.add_argument("--no-seed", action="store_true", help="publish no example exam")
    given = parser.parse_args()
    return Options(
        port=given.port,
        var=given.var.resolve(),
        project=given.project.resolve(),
        emulator=given.emulator.absolute(),
        api_processes=max(1, given.api_processes),
        seed=not given.no_seed,
    )


def _greet(address: str) -> None:
    print(
        f"\n考场已就绪  Kaochang is ready\n\n"
        f"  {address}/         考生页面  the candidates' page\n"
        f"  {address}/_local/console  运营人员的仪表板  the operators' dashboard\n"
        f"  {address}/_local/  本机首页  what runs and where\n\n"
        f"  make demo ADDRESS={address}\n"
        f"      另开一个终端，看一位考生走完考试日  a candidate's whole day, in another terminal\n\n"
        f"  Ctrl-C  停止，数据保留  stop and keep the state\n",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

"""Runs scripts of this folder in forks of one process that has loaded boto3, which takes longer than most
scripts.

Reads a request a line from standard input, as JSON: the script, its arguments and its environment. Runs
it in a fork, so that nothing of it stays, and answers with a line of JSON: its exit code and what it wrote.
Ends when standard input ends.
"""

import json
import os
import runpy
import signal
import sys
import tempfile
import traceback

import boto3  # noqa: F401: loaded for the forks
import botocore.client  # noqa: F401

FOLDER = os.path.dirname(os.path.abspath(__file__))


def run(request, out, err):
    """The fork: becomes the script."""
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [request["script"], *request["arguments"]]
    code = 0
    try:
        runpy.run_path(os.path.join(FOLDER, request["script"]), run_name="__main__")
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main():
    sys.path.insert(0, FOLDER)
    # Whoever interrupts the tests has this process ended by the end of its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                run(json.loads(line), out, err)
            _, status = os.waitpid(child, 0)
            out.seek(0)
            err.seek(0)
            answer = {
                "code": os.waitstatus_to_exitcode(status),
                "stdout": out.read().decode(),
                "stderr": err.read().decode(),
            }
        print(json.dumps(answer), flush=True)


main()

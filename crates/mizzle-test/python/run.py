"""Runs a snippet that is given `client` and sets `result`, and prints the result as JSON.

Usage: run.py ENDPOINT SNIPPET. Credentials and region come from the environment.
"""

import json
import sys
import textwrap

from connection import connect


def main():
    endpoint, snippet = sys.argv[1:]
    names = {"client": connect(endpoint)}
    exec(compile(textwrap.dedent(snippet), "snippet", "exec"), names)
    if "result" not in names:
        sys.exit("the snippet has to set `result`")
    # Answers hold times and bytes, which JSON does not know.
    json.dump(names["result"], sys.stdout, indent=2, default=str)


main()

"""Reads a file in Terraform's language with a parser that shares no code with mizzle; prints JSON."""

import json
import sys

import hcl2

with open(sys.argv[1], encoding="utf-8") as file:
    json.dump(hcl2.load(file), sys.stdout, indent=2)

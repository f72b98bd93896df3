"""Reads the two price lists out of their wheels and prints them as one JSON object. Nothing of them is run or installed.

    python3 extract.py genai_prices-*.whl litellm-*.whl
"""

import ast
import json
import sys
import zipfile


def value(node):
    """A literal of the data module as plain JSON; a call `Name(key=…)` becomes an object with its name under "$"."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [value(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        return {value(key): value(item) for key, item in zip(node.keys, node.values)}
    if isinstance(node, ast.UnaryOp):
        return -value(node.operand)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        arguments = [value(item) for item in node.args]
        if name == "Decimal":
            return float(arguments[0])
        if name == "date":
            return "%04d-%02d-%02d" % tuple(arguments)
        return {"$": name, **{word.arg: value(word.value) for word in node.keywords}}
    raise ValueError("unknown syntax in the data module: " + ast.dump(node)[:200])


def version(wheel):
    return wheel.rsplit("/", 1)[-1].split("-")[1]


def licence(files):
    name = next(name for name in files.namelist() if ".dist-info/" in name and name.endswith("LICENSE"))
    return files.read(name).decode()


genai_path, litellm_path = sys.argv[1:3]
with zipfile.ZipFile(genai_path) as files:
    module = ast.parse(files.read("genai_prices/data.py"))
    providers = next(value(line.value) for line in module.body if isinstance(line, ast.AnnAssign))
    genai = {"version": version(genai_path), "licence": licence(files), "providers": providers}
with zipfile.ZipFile(litellm_path) as files:
    models = json.loads(files.read("litellm/model_prices_and_context_window_backup.json"))
    litellm = {"version": version(litellm_path), "licence": licence(files), "models": models}
json.dump({"genai": genai, "litellm": litellm}, sys.stdout)

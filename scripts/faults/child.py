# One fault, met by Mirascope: `python child.py text|stream|value URL`. It prints what child.ts prints.
import json
import sys

from mirascope.core import openai
from openai import OpenAI
from pydantic import BaseModel

asks, url = sys.argv[1:]
client = OpenAI(api_key="key", base_url=url)


class Dose(BaseModel):
    name: str
    dose: int


@openai.call("gpt-4o-mini", client=client)
def ask() -> str:
    return "How many tablets?"


@openai.call("gpt-4o-mini", client=client, stream=True)
def stream() -> str:
    return "How many tablets?"


@openai.call("gpt-4o-mini", client=client, response_model=Dose)
def value() -> str:
    return "How many tablets?"


try:
    if asks == "text":
        response = ask()
        result = {"value": response.content, "finish": (response.finish_reasons or [None])[0]}
    elif asks == "stream":
        answer = stream()
        result = {"value": "".join(chunk.content for chunk, _ in answer)}
        result["finish"] = (answer.finish_reasons or [None])[0]
    else:
        result = {"value": value().model_dump()}
except Exception as error:
    result = {"error": type(error).__name__, "status": getattr(error, "status_code", None), "message": str(error)}
print(json.dumps(result))

"""Walks the demo server with the official Python client of MCP, as each of its four users.

    python3 -m venv venv && venv/bin/pip install 'mcp>=1.30,<2'
    cargo build --release --example analytics_demo
    venv/bin/python tests/python_client/walk.py target/release/examples/analytics_demo

What each user gets is compared with the table in the README, cell by cell. The lists are compared with what he can
use: a component that is not found stands in no list. Not part of the tests that run without Python.
"""

import asyncio
import json
import pathlib
import re
import subprocess
import sys

from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamablehttp_client

README = pathlib.Path(__file__).parents[2] / "README.md"

ARGUMENTS = {
    "query_public_data": {"dataset": "web_traffic"},
    "query_customer_data": {"segment": "high_value", "limit": 100},
    "customer_card": {"customer_id": "C-10042"},
    "export_csv": {"query_ref": "q-17"},
    "list_data_exports": {},
    "run_model": {"model_id": "churn-predictor-v3", "dataset": "customers"},
    "manage_pipelines": {"operation": "list"},
    "purge_dataset": {"dataset_id": "web_2019", "reason": "retention"},
}
PROMPTS = ["analyze_trends", "generate_report", "compliance_review"]
INSTANCES = {
    "data://models/{model_id}": "data://models/churn-predictor-v3",
    "data://customers/{segment}/{field}": "data://customers/high_value/names",
}


def table():
    """The cells of the README: {component: {user: cell}}."""
    lines = README.read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| component | mara"))
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:]]
    users = [heading.split()[0] for heading in cells[0][1:]]
    rows = {}
    for row in cells[2:]:
        if len(row) != len(users) + 1:
            break
        rows[row[0].strip("`")] = dict(zip(users, row[1:]))
    return rows


async def outcome(session, component):
    """What comes of using a component, in the words of the table."""
    try:
        if component in ARGUMENTS:
            result = await session.call_tool(component, ARGUMENTS[component])
            text = result.content[0].text
            if result.isError:
                return "denied" if text == "Access denied" else f"an error: {text}"
            return shown(component, result.structuredContent, text)
        if component in PROMPTS:
            await session.get_prompt(component)
        else:
            await session.read_resource(INSTANCES.get(component, component))
        return "ok"
    except McpError as error:
        if error.error.message == "Access denied":
            return "denied"
        return "not found" if "not found" in error.error.message else f"an error: {error}"


def shown(component, structured, text):
    """What the table tells of a result."""
    if component == "customer_card":
        return "ok, masked" if "█" in json.dumps(structured, ensure_ascii=False) + text else "ok"
    if component == "list_data_exports":
        return f"{len(set(re.findall(r'EXP-[0-9]+', text)))} of 3"
    return "ok"


def lists(rows, user):
    """Which components this user has to see in lists."""
    return sorted(name for name, cells in rows.items() if cells[user] != "not found")


async def walk(url, user, token, rows):
    """All differences to the table for one user."""
    differences = []
    headers = {"Authorization": f"Bearer {token}"}
    async with streamablehttp_client(url, headers=headers) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            listed = [tool.name for tool in (await session.list_tools()).tools]
            listed += [str(resource.uri) for resource in (await session.list_resources()).resources]
            templates = (await session.list_resource_templates()).resourceTemplates
            listed += [template.uriTemplate for template in templates]
            listed += [prompt.name for prompt in (await session.list_prompts()).prompts]
            if sorted(listed) != lists(rows, user):
                differences.append(f"{user} sees {sorted(listed)}, not {lists(rows, user)}")
            for component, cells in rows.items():
                # How the limit was changed can be seen on the server alone.
                expected = cells[user].split(", limit")[0]
                got = await outcome(session, component)
                if got != expected:
                    differences.append(f"{user}, {component}: {got}, not {expected}")
    return differences


async def main(demo):
    rows = table()
    tokens = json.loads(subprocess.run([demo, "tokens"], check=True, capture_output=True, text=True).stdout)
    differences = []
    for arguments in ([], ["--sessions"]):
        command = [demo, "serve", "--port", "0", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            try:
                url = server.stdout.readline().split()[-1]
                for user, token in tokens.items():
                    differences += await walk(url, user, token, rows)
            finally:
                server.terminate()
    for difference in differences:
        print(difference)
    cells = sum(map(len, rows.values()))
    print(f"{cells} cells, with sessions and without: {'all as in the README' if not differences else 'WRONG'}")
    return bool(differences)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))

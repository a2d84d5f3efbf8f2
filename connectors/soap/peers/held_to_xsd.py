"""Holds messages to the schemas of their WSDL with libxml2.

Reads a JSON object a line from standard input: wsdl, the file, and messages, each with its name and its xml, an element that
holds the one of the Body. Prints one a line: wsdl, judged, the number of messages that were looked at; wrong, those that do not
fit, each with name and why; and why, if the schemas cannot be compiled.
"""

import json
import os
import sys
import tempfile

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"


def parse(file):
    return etree.parse(file, etree.XMLParser(no_network=True, huge_tree=True, resolve_entities=False)).getroot()


def collect(file, seen, found):
    """Finds the schemas that stand in a WSDL and in those that it imports, each with its folder."""
    file = os.path.abspath(file)
    if file in seen:
        return
    seen.add(file)
    root = parse(file)
    folder = os.path.dirname(file)
    if root.tag == XSD + "schema":
        found.append((root, folder))
        return
    for part in root.findall(WSDL + "import"):
        at = os.path.join(folder, part.get("location") or "")
        if os.path.isfile(at):
            collect(at, seen, found)
    for types in root.findall(WSDL + "types"):
        for schema in types.findall(XSD + "schema"):
            found.append((schema, folder))


def compiled(wsdl, work):
    """Compiles all schemas of a WSDL together: a file for each, one for each namespace, and one over all."""
    found = []
    collect(wsdl, set(), found)
    spaces = {}
    for i, (schema, _) in enumerate(found):
        spaces.setdefault(schema.get("targetNamespace"), []).append(os.path.join(work, f"s{i}.xsd"))
    over = {}
    for n, (space, files) in enumerate(spaces.items()):
        over[space] = files[0]
        if len(files) > 1:
            over[space] = os.path.join(work, f"n{n}.xsd")
            target = f' targetNamespace="{space}"' if space is not None else ""
            includes = "".join(f'<xs:include schemaLocation="{f}"/>' for f in files)
            with open(over[space], "w", encoding="utf-8") as out:
                out.write(f'<xs:schema xmlns:xs="{XSD[1:-1]}"{target}>{includes}</xs:schema>')
    for i, (schema, folder) in enumerate(found):
        for word in ("import", "include", "redefine"):
            for part in schema.findall(XSD + word):
                at = os.path.join(folder, part.get("schemaLocation") or "")
                if part.get("schemaLocation") and os.path.isfile(at):
                    part.set("schemaLocation", at)
                    if word == "import":  # libxml2 does not reach it through a schema that has no namespace
                        over.setdefault(part.get("namespace"), at)
                elif word == "import" and part.get("namespace") in over and part.get("namespace") != schema.get("targetNamespace"):
                    part.set("schemaLocation", over[part.get("namespace")])
        with open(os.path.join(work, f"s{i}.xsd"), "wb") as out:
            out.write(etree.tostring(schema))
    imports = "".join(
        f'<xs:import namespace="{space}" schemaLocation="{file}"/>' if space is not None else f'<xs:import schemaLocation="{file}"/>'
        for space, file in over.items()
    )
    umbrella = f'<xs:schema xmlns:xs="{XSD[1:-1]}" targetNamespace="urn:held-to-xsd">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(umbrella, base_url=os.path.join(work, "umbrella.xsd"))), over


def speaks_rpc(file, seen):
    """Reports whether a binding of a WSDL, or of one that it imports, is of the style rpc."""
    file = os.path.abspath(file)
    if file in seen:
        return False
    seen.add(file)
    root = parse(file)
    if any(e.get("style") == "rpc" for e in root.iter() if isinstance(e.tag, str) and e.tag.startswith("{http://schemas.xmlsoap.org/wsdl/soap")):
        return True
    at = (os.path.join(os.path.dirname(file), part.get("location") or "") for part in root.findall(WSDL + "import"))
    return any(speaks_rpc(f, seen) for f in at if os.path.isfile(f))


def held(task, work):
    answer = {"wsdl": task["wsdl"], "judged": 0, "wrong": []}
    try:
        schema, spaces = compiled(task["wsdl"], work)
        rpc = speaks_rpc(task["wsdl"], set())
    except (etree.LxmlError, OSError, RecursionError, ValueError) as e:
        answer["why"] = str(e)
        return answer
    for m in task["messages"]:
        element = etree.fromstring(m["xml"].encode())[0]
        document = etree.fromstring(etree.tostring(element))
        if schema.validate(document):
            answer["judged"] += 1
            continue
        first = schema.error_log[0]
        if "for the validation root" in first.message and (rpc or etree.QName(document).namespace not in spaces):
            continue  # the element that wraps the parts of an rpc message is in no schema; other namespaces lie where only we look
        if "demanded by the strict wildcard" in first.message:
            continue  # what stands there was made up
        answer["judged"] += 1
        answer["wrong"].append({"name": m["name"], "why": first.message})
    return answer


for line in sys.stdin:
    with tempfile.TemporaryDirectory() as work:
        print(json.dumps(held(json.loads(line), work)), flush=True)

"""Calls a SOAP service with zeep, which reads its description at ?wsdl.

    zeep_client.py URL [text|digest USER PASSWORD] < CASES.json

A case is {"port": ..., "operation": ..., "in": {...}, "header": {...}}, where all that is simple is a string as XML has it
(null stands for xsi:nil, "xsi_type" names a type). For each the answer is printed in the same form: {"out": ...},
{"out": ..., "header": {...}} or {"fault": {"code": ..., "text": ..., "detail": ...}}."""

import base64
import json
import sys

import zeep
from lxml import etree
from zeep import xsd
from zeep.wsse.username import UsernameToken
from zeep.xsd.types.collection import ListType
from zeep.xsd.valueobjects import ArrayValue, CompoundValue

NS = "urn:fondaco:zeep"


def make(client, value, kind):
    """Turns what a case says into what zeep takes, by the type that the schema says."""
    if value is None:
        return xsd.Nil
    if getattr(kind, "_array_type", None):  # of SOAP encoding
        item = kind._array_type.array_type
        made = [make(client, v, item) for v in value]
        return kind([item(**v) for v in made] if isinstance(item, xsd.ComplexType) else made)
    if isinstance(value, list):
        return [make(client, v, kind) for v in value]
    if isinstance(value, dict):
        fields = dict(value)
        named = fields.pop("xsi_type", None)
        if named:
            kind = client.get_type("{%s}%s" % (NS, named))
        known = dict(kind.elements) | dict(kind.attributes)
        out = {}
        for name, v in fields.items():
            out[name] = make(client, v, known[name].type)
        return kind(**out) if named else out
    return kind.pythonvalue(value)


def tell(value, kind=None):
    """Turns what zeep gives into what a case says."""
    if value is None:
        return None
    if isinstance(value, ArrayValue):
        return [tell(v) for v in value]
    if isinstance(value, CompoundValue):
        kind = value._xsd_type
        out = {}
        if kind.name and kind.name in ("Person", "Company", "Branch"):
            out["xsi_type"] = kind.name
        for name, part in list(kind.elements) + list(kind.attributes):
            told = tell(value[name], part.type)
            if told is not None and told != []:
                out[name] = told
        return out
    if isinstance(value, list) and not isinstance(kind, ListType):
        return [tell(v, kind) for v in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if kind is not None and not isinstance(kind, xsd.ComplexType):
        return kind.xmlvalue(value)
    return str(value)


# What zeep asks for of the schema of SOAP encoding, which it would fetch.
ENCODING = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:tns="http://schemas.xmlsoap.org/soap/encoding/" targetNamespace="http://schemas.xmlsoap.org/soap/encoding/">
<attribute name="arrayType" type="string"/><attribute name="offset" type="string"/>
<attributeGroup name="commonAttributes"><attribute name="id" type="ID"/><attribute name="href" type="anyURI"/><anyAttribute namespace="##other" processContents="lax"/></attributeGroup>
<attributeGroup name="arrayAttributes"><attribute ref="tns:arrayType"/><attribute ref="tns:offset"/></attributeGroup>
<group name="Array"><sequence><any namespace="##any" minOccurs="0" maxOccurs="unbounded" processContents="lax"/></sequence></group>
<complexType name="Array"><group ref="tns:Array" minOccurs="0"/><attributeGroup ref="tns:arrayAttributes"/><attributeGroup ref="tns:commonAttributes"/></complexType>
</schema>"""


class Loopback(zeep.Transport):
    """Reaches nothing but the service."""

    def load(self, url):
        if url == "http://schemas.xmlsoap.org/soap/encoding/":
            return ENCODING
        if not url.startswith(sys.argv[1]):
            raise ValueError("nothing is fetched from " + url)
        return super().load(url)


def call(client, case):
    port = case.get("port")
    service = client.bind(port_name=port) if port else client.service
    operation = service._binding._operations[case["operation"]]
    arguments = make(client, case["in"], operation.input.body.type)
    more = {}
    if "header" in case:
        more["_soapheaders"] = {name: make(client, v, client.get_element("{%s}%s" % (NS, name)).type) for name, v in case["header"].items()}
    try:
        out = service[case["operation"]](**arguments, **more)
    except zeep.exceptions.Fault as fault:
        detail = None
        if fault.detail is not None:
            detail = [etree.tostring(x, method="c14n", exclusive=True).decode() for x in fault.detail]
        return {"fault": {"code": fault.code.split(":")[-1], "text": fault.message, "detail": detail}}
    if hasattr(out, "header"):
        header = {}
        for name, _ in out.header._xsd_type.elements:
            header[name] = tell(out.header[name])
        return {"out": tell(out.body), "header": header}
    return {"out": tell(out)}


def main():
    wsse = None
    if len(sys.argv) > 2:
        wsse = UsernameToken(sys.argv[3], sys.argv[4], use_digest=sys.argv[2] == "digest")
    client = zeep.Client(sys.argv[1] + "?wsdl", wsse=wsse, transport=Loopback(timeout=20, operation_timeout=20))
    results = []
    for case in json.load(sys.stdin):
        try:
            results.append(call(client, case))
        except Exception as wrong:  # told to the test, which expects none
            results.append({"error": "%s: %s" % (type(wrong).__name__, wrong)})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()

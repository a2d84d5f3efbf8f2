"""Validates the first element of a SOAP body, on stdin, by libxml2: lxml_judge.py SCHEMA."""
import sys

from lxml import etree

envelope = etree.parse(sys.stdin.buffer)
body = envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
etree.XMLSchema(etree.parse(sys.argv[1])).assertValid(etree.ElementTree(body[0]))

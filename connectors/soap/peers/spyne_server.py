"""A SOAP 1.1 service by spyne, which checks what it gets with libxml2 by its own schema. It listens on a free port of the
loopback, says READY and the port, and ends when its input does. Its description is at ?wsdl."""

import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

from lxml import etree
from spyne import (
    AnyUri, AnyXml, Application, Array, Boolean, Byte, ByteArray, ComplexModel, Date, DateTime, Decimal, Double, Duration,
    Enum, Fault, Float, ID, Int, Integer, Language, Long, Name, NCName, NMToken, NonNegativeInteger, NormalizedString, ServiceBase, Short, Time, Token, Unicode,
    UnsignedByte, UnsignedInteger32, UnsignedLong, UnsignedShort, Uuid, XmlAttribute, XmlData, rpc,
)
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

NS = "urn:fondaco:spyne"


class Model(ComplexModel):
    __namespace__ = NS


class Values(Model):
    """A value of every type that spyne has and can read: it does not read what it calls hexBinary, and it counts signs as digits."""

    _type_info = [
        ("string", Unicode),
        ("short", Short(max_str_len=6)),
        ("byte", Byte(max_str_len=4)),
        ("int", Int(max_str_len=11)),
        ("long", Long(max_str_len=20)),
        ("integer", Integer),
        ("nonNegativeInteger", NonNegativeInteger),
        ("positiveInteger", Integer(gt=0)),
        ("unsignedByte", UnsignedByte),
        ("unsignedShort", UnsignedShort),
        ("unsignedInt", UnsignedInteger32),
        ("unsignedLong", UnsignedLong),
        ("decimal", Decimal),
        ("amount", Decimal(12, 2, ge=0)),
        ("float", Float),
        ("double", Double),
        ("boolean", Boolean),
        ("dateTime", DateTime(timezone=False)),
        ("date", Date),
        ("time", Time),
        ("duration", Duration),
        ("base64", ByteArray),
        ("uri", AnyUri),
        ("uuid", Uuid),
        ("language", Language),
        ("token", Token),
        ("line", NormalizedString),
        ("Name", Name),
        ("NCName", NCName),
        ("NMTOKEN", NMToken),
        ("ID", ID),
        ("colour", Enum("red", "green", "blue", type_name="Colour")),
        ("code", Unicode(min_len=2, max_len=4, pattern="[A-Z]+")),
        ("words", Unicode(max_occurs="unbounded")),
        ("numbers", Array(Int(max_str_len=11))),
    ]


class Contact(Model):
    """Text with an attribute."""

    value = XmlData(Unicode)
    kind = XmlAttribute(Unicode)


class Subject(Model):
    """Somebody; what they are is said by xsi:type."""

    id = XmlAttribute(Int, use="required")
    name = Unicode(min_occurs=1, nillable=False)
    contact = Contact.customize(max_occurs="unbounded")


class Person(Subject):
    age = Int


class Company(Subject):
    vat = Unicode(min_occurs=1, nillable=False)


class Branch(Company):
    street = Unicode


class Ticket(Model):
    session = Unicode(min_occurs=1, nillable=False)
    calls = Int


class Receipt(Model):
    number = Int


class Refusal(Fault):
    """A fault that the description declares."""

    __namespace__ = NS

    def __init__(self, text):
        super().__init__("Client.Refused", text)


class Peer(ServiceBase):
    @rpc(Values, _returns=Values)
    def echo(ctx, values):
        return values

    @rpc(Values, _returns=Values, _body_style="bare")
    def bare(ctx, values):
        return values

    @rpc(Subject, _returns=Subject)
    def know(ctx, subject):
        return subject

    @rpc(Array(Subject), _returns=Array(Subject))
    def turn(ctx, subjects):
        return None if subjects is None else list(reversed(subjects))

    @rpc(Int, Int, _returns=[Int, Int], _out_variable_names=["quotient", "rest"])
    def divide(ctx, a, b):
        return a // b, a % b

    @rpc(Int, _returns=Unicode, _throws=Refusal)
    def refuse(ctx, code):
        if code == 0:
            raise Refusal("non oggi <&>")
        detail = etree.Element("{urn:other}why")
        detail.text = "è tardi"
        raise Fault("Server.Busy" if code == 1 else "Client", "torni più tardi", detail=detail)

    @rpc(AnyXml, _returns=AnyXml)
    def anything(ctx, xml):
        return xml

    @rpc()
    def nothing(ctx):
        pass


class Greeter(ServiceBase):
    __in_header__ = Ticket
    __out_header__ = Receipt

    @rpc(Unicode, _returns=Unicode)
    def greet(ctx, name):
        ctx.out_header = Receipt(number=ctx.in_header.calls + 1)
        return "ciao %s %s" % (name, ctx.in_header.session)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def main():
    application = Application([Peer, Greeter], NS, in_protocol=Soap11(validator="lxml", polymorphic=True), out_protocol=Soap11(polymorphic=True))
    server = make_server("127.0.0.1", 0, WsgiApplication(application), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("READY", server.server_port, flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()

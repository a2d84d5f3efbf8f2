package fondaco.calls;

import called.document.Branch;
import called.document.Company;
import called.document.Contact;
import called.document.Peer;
import called.document.PeerService;
import called.document.Person;
import called.document.Refusal_Exception;
import called.document.Subject;
import called.document.Ticket;
import called.document.Values;
import jakarta.xml.ws.Holder;
import jakarta.xml.ws.WebServiceFeature;
import jakarta.xml.ws.soap.MTOMFeature;
import java.net.URI;
import java.util.Arrays;
import java.util.List;

/** Calls a service of document/literal in one version of SOAP, with classes that wsimport made of the WSDL that it serves. */
public final class CallDocument {
    private CallDocument() {}

    /** Takes the address of the WSDL, the port, and two files of values. */
    public static void main(String[] args) throws Exception {
        PeerService service = new PeerService(URI.create(args[0]).toURL());
        Peer peer = port(service, args[1]);
        for (String file : Arrays.asList(args[2], args[3])) {
            Values sent = Told.read(file, Values.class);
            Told.of("wrapped " + file.substring(file.lastIndexOf('/') + 1), () -> {
                Holder<Values> values = new Holder<>(sent);
                peer.echo(values);
                return Told.same(sent, values.value);
            });
            Told.of("bare " + file.substring(file.lastIndexOf('/') + 1), () -> Told.same(sent, peer.bare(sent)));
        }
        Told.of("inheritance", () -> {
            Holder<List<Subject>> subjects = new Holder<>(List.of(ada(), branch()));
            peer.turn(subjects);
            Branch b = (Branch) subjects.value.get(0);
            Company head = (Company) b.getHead();
            Person p = (Person) subjects.value.get(1);
            return b.getName() + " " + b.getVat() + " " + b.getId() + " " + head.getName() + " " + head.getAbroad().getKind() + head.getAbroad().getValue()
                + " " + p.getName() + " " + p.getContact().get(1).getValue() + "/" + p.getContact().get(1).getKind();
        });
        Told.of("none of a list", () -> {
            Holder<List<Subject>> subjects = new Holder<>(List.of());
            peer.turn(subjects);
            return subjects.value == null ? "none" : subjects.value.size();
        });
        Told.of("fault", () -> {
            try {
                return peer.refuse(7);
            } catch (Refusal_Exception e) {
                return e.getMessage() + " " + e.getFaultInfo().getCode() + " " + e.getFaultInfo().getReason() + " " + ((Person) e.getFaultInfo().getAbout()).getName();
            }
        });
        Told.of("header", () -> {
            Holder<Ticket> receipt = new Holder<>();
            String text = peer.greet("Ada", ticket(), receipt);
            return text + " " + receipt.value.getSession() + " " + receipt.value.getCalls();
        });
        Told.of("one way", () -> {
            peer.note("prendi nota");
            return "sent";
        });
        Told.of("no parameters", peer::noted);
        Told.of("octets", () -> upload(peer, 5));
        Told.of("octets beside the envelope", () -> upload(port(service, args[1], new MTOMFeature(true, 0)), 100_003));
        Told.of("not as the schema says", () -> {
            Values wrong = new Values();
            wrong.setCode("abc");
            Holder<Values> values = new Holder<>(wrong);
            peer.echo(values);
            return values.value.getCode();
        });
    }

    private static Peer port(PeerService service, String name, WebServiceFeature... features) {
        return name.equals("Soap12") ? service.getSoap12(features) : service.getSoap11(features);
    }

    private static String upload(Peer peer, int size) {
        byte[] octets = new byte[size];
        for (int i = 0; i < size; i++) {
            octets[i] = (byte) (i % 251);
        }
        Holder<byte[]> document = new Holder<>(octets);
        peer.upload("x", document);
        return Arrays.equals(octets, document.value) ? "same, " + size : "other octets";
    }

    static Ticket ticket() {
        Ticket t = new Ticket();
        t.setSession("è");
        t.setCalls(1);
        return t;
    }

    private static Person ada() {
        Person p = new Person();
        p.setName("Ada");
        p.setId(1);
        p.getContact().add(contact("a@b.it", "mail"));
        p.getContact().add(contact("è <&>", ""));
        return p;
    }

    private static Branch branch() {
        Company head = new Company();
        head.setName("Capo");
        head.setId(4);
        head.setAbroad(contact("FR1", "vat"));
        Branch b = new Branch();
        b.setName("Filiale");
        b.setVat("01234567890");
        b.setId(3);
        b.setHead(head);
        return b;
    }

    private static Contact contact(String value, String kind) {
        Contact c = new Contact();
        c.setValue(value);
        c.setKind(kind);
        return c;
    }
}

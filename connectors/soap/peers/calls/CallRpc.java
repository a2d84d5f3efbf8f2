package fondaco.calls;

import called.rpc.Branch;
import called.rpc.Peer;
import called.rpc.PeerService;
import called.rpc.Person;
import called.rpc.Refusal_Exception;
import called.rpc.Subjects;
import called.rpc.Ticket;
import called.rpc.Values;
import jakarta.xml.ws.Holder;
import java.net.URI;
import java.util.Arrays;

/** Calls a service of RPC/literal, with classes that wsimport made of the WSDL that it serves. */
public final class CallRpc {
    private CallRpc() {}

    /** Takes the address of the WSDL and two files of values. */
    public static void main(String[] args) throws Exception {
        Peer peer = new PeerService(URI.create(args[0]).toURL()).getRpc();
        for (String file : Arrays.asList(args[1], args[2])) {
            Values sent = Told.read(file, Values.class);
            Told.of(file.substring(file.lastIndexOf('/') + 1), () -> {
                Holder<Values> values = new Holder<>(sent);
                peer.echo(values);
                return Told.same(sent, values.value);
            });
        }
        Told.of("inheritance", () -> {
            Person p = new Person();
            p.setName("Ada");
            p.setId(1);
            Branch b = new Branch();
            b.setName("Filiale");
            b.setVat("01234567890");
            b.setId(3);
            Subjects both = new Subjects();
            both.getSubject().add(p);
            both.getSubject().add(b);
            Holder<Subjects> subjects = new Holder<>(both);
            peer.turn(subjects);
            return ((Branch) subjects.value.getSubject().get(0)).getVat() + " " + ((Person) subjects.value.getSubject().get(1)).getName();
        });
        Told.of("two answers", () -> {
            Holder<Integer> quotient = new Holder<>();
            Holder<Integer> rest = new Holder<>();
            peer.divide(-7, 2, quotient, rest);
            return quotient.value + " " + rest.value;
        });
        Told.of("a fault without detail", () -> {
            peer.divide(1, 0, new Holder<>(), new Holder<>());
            return "no fault";
        });
        Told.of("fault", () -> {
            try {
                return peer.refuse(7);
            } catch (Refusal_Exception e) {
                return e.getMessage() + " " + e.getFaultInfo().getCode();
            }
        });
        Told.of("header", () -> {
            Ticket ticket = new Ticket();
            ticket.setSession("è");
            ticket.setCalls(1);
            Holder<Ticket> receipt = new Holder<>();
            String text = peer.greet("Ada", ticket, receipt);
            return text + " " + receipt.value.getSession() + " " + receipt.value.getCalls();
        });
    }
}

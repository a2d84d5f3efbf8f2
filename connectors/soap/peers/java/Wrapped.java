package fondaco.peer;

import com.sun.xml.ws.developer.SchemaValidation;
import jakarta.jws.Oneway;
import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebService;
import jakarta.xml.ws.Holder;
import java.util.ArrayList;
import java.util.List;

/** Document/literal wrapped. What comes is checked by the schema. */
@WebService(targetNamespace = "urn:fondaco:peer:wrapped")
@SchemaValidation
public class Wrapped {
    private volatile String noted;

    /** Gives back what came. */
    @WebMethod
    public Values echo(@WebParam(name = "values") Values values) {
        return values;
    }

    /** Gives back a list, in the other order. */
    @WebMethod
    public List<Subject> turn(@WebParam(name = "subject") List<Subject> subjects) {
        List<Subject> out = new ArrayList<>();
        if (subjects != null) {
            for (Subject s : subjects) {
                out.add(0, s);
            }
        }
        return out;
    }

    /** Divides; two answers. */
    @WebMethod
    public void divide(@WebParam(name = "a") int a, @WebParam(name = "b") int b,
            @WebParam(name = "quotient", mode = WebParam.Mode.OUT) Holder<Integer> quotient, @WebParam(name = "rest", mode = WebParam.Mode.OUT) Holder<Integer> rest) {
        quotient.value = a / b; // a fault that nobody declared, for b = 0
        rest.value = a % b;
    }

    /** Refuses, with a detail. */
    @WebMethod
    public String refuse(@WebParam(name = "code") int code, @WebParam(name = "about") Subject about) throws Refused {
        Refused.Refusal r = new Refused.Refusal();
        r.code = code;
        r.reason = List.of("no <key>", "è tardi");
        r.about = about;
        throw new Refused("not today", r);
    }

    /** Says nothing. */
    @WebMethod
    @Oneway
    public void note(@WebParam(name = "text") String text) {
        noted = text;
    }

    /** What was noted last, empty without parameters. */
    @WebMethod
    public String noted() {
        return noted;
    }

    /** Counts in a header entry. */
    @WebMethod
    public String greet(@WebParam(name = "name") String name, @WebParam(name = "ticket", header = true, mode = WebParam.Mode.INOUT) Holder<Ticket> ticket) {
        ticket.value.calls++;
        return "ciao " + name + " " + ticket.value.session;
    }
}
